package container

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// Run starts the image as [Start] does, runs the suite against it with the options of [WithSuite],
// and terminates it.
//
// The report has the image as the name of the implementation. The error is one of [Start] or of
// [conformance.Run], with the logs of the implementation. There may be both a report and an error,
// from cleaning up.
func Run(ctx context.Context, image string, opts ...Option) (*report.Report, error) {
	o := newOptions(opts)
	if o.provisionerPort == 0 {
		return nil, errors.New("container.Run needs the image's provisioner to make scenes: leave WithoutProvisioner " +
			"out, or use Start and conformance.Run with a provisioner of your own")
	}
	implementation, err := Start(ctx, image, opts...)
	if err != nil {
		return nil, err
	}
	result, err := implementation.run(ctx, image, o.suite)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), terminationTimeout)
	defer cancel()
	if err != nil {
		text, _ := implementation.Logs(ctx) // without logs the error says enough
		err = fmt.Errorf("%w\nlogs of image %s:\n%s", err, image, text)
	}
	return result, errors.Join(err, implementation.Terminate(ctx))
}

func (i *Implementation) run(ctx context.Context, image string, suite []conformance.Option) (*report.Report, error) {
	provisioner, err := provision.HTTP(i.provision, 0, nil)
	if err != nil {
		return nil, err
	}
	return conformance.Run(ctx, conformance.Target{URL: i.target, Provisioner: provisioner, Name: image}, suite...)
}

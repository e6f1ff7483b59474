package container

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// Run starts the image as [Start] does, runs the conformance suite against it, and terminates it. Options for the suite
// itself are given with [WithSuite].
//
// The report reports whether the implementation conforms; its Implementation is the image. The error is one of [Start]'s or
// of [conformance.Run]'s, with the implementation's logs where the suite could not work with it. Both may be given: a
// report, and an error from cleaning up.
func Run(ctx context.Context, image string, opts ...Option) (*report.Report, error) {
	o := newOptions(opts)
	if o.provisionerPort == 0 {
		return nil, errors.New("container.Run needs the image's provisioner to make scenes: leave WithoutProvisioner out, or use Start and conformance.Run with a provisioner of your own")
	}
	implementation, err := Start(ctx, image, opts...)
	if err != nil {
		return nil, err
	}
	result, err := implementation.run(ctx, image, o.suite)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), terminationTimeout)
	defer cancel()
	if err != nil {
		text, _ := implementation.Logs(ctx) // what went wrong is told in any case
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

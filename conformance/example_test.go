package conformance_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// A run against an implementation that has its provisioner on a port of its own. Without WithRun it
// has all cases of the suite.
func ExampleRun() {
	implementation, err := faulty.New().Start() // stands for yours, which runs already
	if err != nil {
		log.Fatal(err)
	}
	defer implementation.Close()

	provisioner, err := provision.HTTP(implementation.Provision, 0, nil)
	if err != nil {
		log.Fatal(err)
	}
	target := conformance.Target{URL: implementation.API, Provisioner: provisioner, Name: "example"}
	result, err := conformance.Run(context.Background(), target,
		conformance.WithRun("delete-track/creator-gets-200", "delete-track/saver-gets-403"),
		conformance.WithStrict(true),
	)
	if err != nil {
		log.Fatal(err) // the run did not start; the error says what to do
	}
	for _, c := range result.Cases {
		fmt.Println(c.Outcome, c.ID)
	}
	fmt.Println(result.Verdict)
	// Output:
	// passed delete-track/creator-gets-200
	// passed delete-track/saver-gets-403
	// conforming
}

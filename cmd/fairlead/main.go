// Command fairlead is the operators' command line: what people do to Fairlead beside pushing images and starting
// executions.
//
//	fairlead hold                  holds a service: pushes do not deploy it
//	fairlead release               lifts that
//	fairlead holds                 which services are held
//	fairlead quarantine list       which images are in quarantine
//	fairlead quarantine release    lets an image be deployed again
//
// One file per verb. A verb reads its flags, asks for the operators' role, and acts through the ledger; it exits with 0
// if it did so, with 1 if it could not, and with 2 if it was not called as its help says.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := shell{out: os.Stdout, err: os.Stderr, now: time.Now, getenv: os.Getenv, open: open} //nolint:forbidigo // here the environment is read
	code := s.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

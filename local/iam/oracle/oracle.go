package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// oracle is the other simulator: a process that answers a line for a line.
type oracle struct {
	in      io.WriteCloser
	out     *bufio.Scanner
	command *exec.Cmd
}

// start starts the simulator that is installed in dir.
func start(ctx context.Context, dir string) (*oracle, error) {
	command := exec.CommandContext(ctx, "node", "local/iam/oracle/ask.cjs", dir) //nolint:gosec // the developer's own directory
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the oracle: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the oracle: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the oracle: %w", err)
	}
	return &oracle{in: in, out: bufio.NewScanner(out), command: command}, nil
}

// stop ends the process.
func (o *oracle) stop() error {
	if err := errors.Join(o.in.Close(), o.command.Wait()); err != nil {
		return fmt.Errorf("stop the oracle: %w", err)
	}
	return nil
}

func (o *oracle) ask(q question) (answer, error) {
	raw, err := json.Marshal(q)
	if err != nil {
		return answer{}, fmt.Errorf("write a question: %w", err)
	}
	if _, err := o.in.Write(append(raw, '\n')); err != nil {
		return answer{}, fmt.Errorf("ask the oracle: %w", err)
	}
	if !o.out.Scan() {
		return answer{}, fmt.Errorf("the oracle says no more: %w", errors.Join(o.out.Err(), io.ErrUnexpectedEOF))
	}
	var a answer
	if err := json.Unmarshal(o.out.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("read the oracle's answer: %w", err)
	}
	return a, nil
}

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/world"
	"fairlead/shared/config"
	"fairlead/shared/tag"
)

type pushOptions struct {
	service   string
	tag       string
	behaviour string
}

// push pushes an image to the running embedded AWS as a CI job would, and follows the deployment to its end.
func push(ctx context.Context, out io.Writer, p pushOptions) error {
	service, err := configured("cdk.json", p.service)
	if err != nil {
		return err
	}
	if p.tag == "" {
		p.tag = madeUpTag()
	}
	if err := deploys(service, p.tag); err != nil {
		return err
	}
	c, client, err := running(ctx, out)
	if err != nil {
		return err
	}
	if err := c.push(ctx, service.Repository, p.tag, p.tag, p.behaviour); err != nil {
		return err
	}
	execution, err := startedBy(ctx, client, c.outputs["Fairlead"]["StateMachineArn"], `"`+p.tag+`"`, 10*time.Second)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "  execution %s\n", execution)
	f := follower{client: client, out: out}
	e, err := f.follow(ctx, execution)
	if err == nil {
		_, _ = fmt.Fprintf(out, "  => %s\n%s\n", e.Outcome, indent(e.Cause))
	}
	return err
}

// running is the embedded AWS that `make local` keeps running: its CI, and a client of its owner.
func running(ctx context.Context, out io.Writer) (ci, *sfn.Client, error) {
	endpoint, keys, err := readEnv(envFile)
	if err != nil {
		return ci{}, nil, err
	}
	c := ci{endpoint: endpoint, out: out}
	if err := c.fetch(ctx, http.MethodGet, endpoint+"/_local/outputs", "", nil, &c.outputs); err != nil {
		return ci{}, nil, fmt.Errorf("is the embedded AWS running? `make local` starts it: %w", err)
	}
	return c, sfn.NewFromConfig(clientConfig(endpoint, keys)), nil
}

// deploys says why a push under the tag would start no deployment of the service; nil if it would.
func deploys(service config.Service, name string) error {
	match := service.TagPolicy.Match(name)
	if glob := tag.Ignored(service.IgnoreTags, name); glob != "" {
		match = tag.Match{Reason: fmt.Sprintf("tag %s is among the ignoreTags of service %s (%s)", name, service.Name, glob)}
	}
	if match.OK {
		return nil
	}
	return fmt.Errorf("%s: a push would start no deployment of service %s. Fix: push under another TAG, or without one for a tag of the form <commit>-<run>",
		match.Reason, service.Name)
}

// madeUpTag is a tag of the form <commit>-<run>, as CI would give.
func madeUpTag() string {
	var commit [20]byte
	_, _ = rand.Read(commit[:]) // never fails
	return hex.EncodeToString(commit[:]) + "-1"
}

// configured reads a service from the configuration in cdk.json.
func configured(file, name string) (config.Service, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return config.Service{}, err
	}
	var cdk struct {
		Context struct{ Fairlead json.RawMessage }
	}
	if err := json.Unmarshal(raw, &cdk); err != nil {
		return config.Service{}, fmt.Errorf("read %s: %w", file, err)
	}
	parsed, err := config.ParseBeside(cdk.Context.Fairlead, os.DirFS(filepath.Dir(file)))
	if err != nil {
		return config.Service{}, err
	}
	return parsed.Lookup(name)
}

// readEnv reads what `make local` wrote.
func readEnv(file string) (endpoint string, keys world.Credentials, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", keys, fmt.Errorf("is the embedded AWS running? `make local` starts it: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	values := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		for pair := range strings.FieldsSeq(strings.TrimPrefix(lines.Text(), "export ")) {
			if name, value, ok := strings.Cut(pair, "="); ok {
				values[name] = value
			}
		}
	}
	keys = world.Credentials{AccessKeyID: values["AWS_ACCESS_KEY_ID"], SecretAccessKey: values["AWS_SECRET_ACCESS_KEY"]}
	if values["AWS_ENDPOINT_URL"] == "" || keys.AccessKeyID == "" {
		return "", keys, errors.New(file + " is not what `make local` writes: start it anew")
	}
	return values["AWS_ENDPOINT_URL"], keys, nil
}

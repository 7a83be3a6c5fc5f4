package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "fairlead/infra/quiet" // before the CDK's packages, see there
	"fairlead/shared/config"
	"fairlead/shared/gate/notation"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// definition is the workflow.
//
//go:embed workflow.asl.json
var definition []byte

// input is all that the templates depend on.
type input struct {
	Config     config.Config
	Sample     string           // the service that the sample stack makes, "" for none
	Definition string           // of the workflow
	Assets     map[string]asset // by the function's package
	Context    map[string]any
}

// newInput reads the input out of the context, and keys and certificates out of files beside cdk.json; the assets come
// later, for they hold the configuration.
func newInput(given cdkContext, beside fs.FS) (input, error) {
	raw, ok := given[configurationKey]
	if !ok {
		return input{}, fmt.Errorf("context.%s: it is missing in cdk.json: the services to deploy", configurationKey)
	}
	parsed, err := config.ParseBeside(raw, beside)
	if err != nil {
		return input{}, fmt.Errorf("cdk.json:\n%w", err)
	}
	sample, err := given.sample()
	if err != nil {
		return input{}, err
	}
	values, err := given.values()
	if err != nil {
		return input{}, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, definition); err != nil {
		return input{}, fmt.Errorf("infra/workflow.asl.json: %w", err)
	}
	return input{Config: parsed, Sample: sample, Definition: compact.String(), Context: values}, errors.Join(checkNames(parsed), checkSigners(parsed))
}

// checkSigners refuses trusted identities and certificates that notation's own library would refuse when it comes to them.
func checkSigners(c config.Config) error {
	var problems []error
	for _, name := range c.Names() {
		gate, kind := c.Services[name].Gates.Signature, ""
		var err error
		switch {
		case gate != nil && gate.Notation != nil:
			kind = "notation"
			_, err = notation.New(*gate.Notation)
		case gate != nil && gate.Signer != nil:
			kind = "signer"
			_, err = notation.NewSigner(*gate.Signer, nil)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("context.fairlead.services.%s.gates.signature.%s.%w", name, kind, err))
		}
	}
	return errors.Join(problems...)
}

// maxRoleName is IAM's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxRoleName = 64

// checkNames refuses names that would share a logical id, which a template cannot hold, and texts that CloudFormation
// would take for something to fill in, and role names that are too long.
func checkNames(c config.Config) error {
	var problems []error
	taken := map[string]string{}
	check := func(path, kind, name string) {
		id := kind + strings.ToLower(title(name))
		if other, ok := taken[id]; ok {
			problems = append(problems, fmt.Errorf("%s.%s: it has the same letters and digits as %q, and so the same logical id: rename one", path, name, other))
		}
		taken[id] = name
	}
	for _, name := range c.Names() {
		check("context.fairlead.services", "service ", name)
	}
	for name, repository := range c.Repositories {
		check("context.fairlead.repositories", "repository ", name)
		problems = append(problems, checkJobs(c, repository))
	}
	return errors.Join(problems...)
}

// checkJobs refuses what would be wrong with the roles of a repository's jobs.
func checkJobs(c config.Config, repository config.Repository) error {
	p := repository.GitHub
	if p == nil {
		return nil
	}
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("context.fairlead.repositories."+repository.Name+".github"+format, args...))
	}
	roles := []string{pushRoleName(c.Prefix, repository.Name)}
	if p.Watch {
		roles = append(roles, watchRoleName(c.Prefix, repository.Name))
	}
	for _, role := range roles {
		if len(role) > maxRoleName {
			problem(": the role %s would have %d characters, IAM takes %d", role, len(role), maxRoleName)
		}
	}
	if strings.Contains(p.Branch+p.Environment, "${") {
		problem(": a policy would fill in the ${ of its name")
	}
	if p.Watch && len(servedFrom(c, repository.Name)) == 0 {
		problem(".watch: no service is deployed from this repository, so there is no outcome to wait for: name it in a service, or leave watch out")
	}
	return errors.Join(problems...)
}

// synth writes the cloud assembly of all stacks to a directory, or to where the CDK CLI wants it if that is empty, and
// returns the names and templates of the stacks, and why they grant what they grant. The CDK panics on what it does not
// like; that becomes the error.
func synth(in input, outdir string) (templates map[string]template, why *reasons, err error) {
	defer func() {
		if said := recover(); said != nil {
			err = fmt.Errorf("synthesise: %v", said)
		}
	}()
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), Context: &in.Context}
	if outdir != "" {
		props.Outdir = jsii.String(outdir)
	}
	app, why := awscdk.NewApp(props), &reasons{}
	deployer, err := newDeployer(app, in, why)
	if err != nil {
		return nil, nil, err
	}
	if registry := newRegistry(app, in, why); watches(in.Config) {
		deployer.AddStackDependency(registry, jsii.String("the watch roles trust the OIDC provider"))
	}
	if err := newSample(app, in, why); err != nil {
		return nil, nil, err
	}
	assembly := app.Synth(nil)
	templates, err = readTemplates(*assembly.Directory())
	return templates, why, err
}

// readTemplates reads the templates of a cloud assembly, by stack.
func readTemplates(dir string) (map[string]template, error) {
	templates := map[string]template{}
	for _, stack := range []string{deployerStack, registryStack, sampleStack} {
		raw, err := os.ReadFile(filepath.Join(dir, stack+".template.json")) // #nosec G304 -- just written
		if errors.Is(err, os.ErrNotExist) {
			continue // not every configuration has all of them
		}
		if err != nil {
			return nil, fmt.Errorf("read the template of %s: %w", stack, err)
		}
		read := template{size: len(raw)}
		if err := json.Unmarshal(raw, &read); err != nil {
			return nil, fmt.Errorf("read the template of %s: %w", stack, err)
		}
		templates[stack] = read
	}
	return templates, nil
}

package lambda

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

// permission is one statement of a function's resource policy.
type permission struct {
	ID            string `json:"id"`
	Action        string `json:"action"`
	Principal     string `json:"principal"`
	SourceARN     string `json:"sourceArn"`
	SourceAccount string `json:"sourceAccount"`
}

// ResourceTypes are functions and the permissions on them.
func (s *Service) ResourceTypes() []string {
	return []string{"AWS::Lambda::Function", "AWS::Lambda::Permission"}
}

// Declare makes or changes a function or a permission.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	if d.Type == "AWS::Lambda::Permission" {
		return s.declarePermission(d)
	}
	return s.declareFunction(d)
}

type functionProperties struct {
	FunctionName  string
	Handler       string
	Runtime       string
	Role          string
	Timeout       int
	MemorySize    int
	Architectures []string
	Environment   struct{ Variables map[string]string }
	LoggingConfig struct{ LogGroup string }
	Code          struct{ S3Key string }
}

func (p functionProperties) check() error {
	switch {
	case p.Runtime != "provided.al2023":
		return fmt.Errorf("Runtime %q: only provided.al2023 is run here", p.Runtime)
	case p.Handler == "":
		return errors.New("Handler is missing: it names the package whose build is run")
	case p.Role == "":
		return errors.New("Role is missing")
	case p.Timeout < 0 || p.Timeout > 900:
		return fmt.Errorf("Timeout %d is not between 1 and 900 seconds", p.Timeout)
	}
	return p.checkEnvironment()
}

// checkEnvironment holds Lambda's limit of 4 KB for all variables together, and its reserved names.
func (p functionProperties) checkEnvironment() error {
	size := 0
	for key, value := range p.Environment.Variables {
		size += len(key) + len(value)
		if strings.HasPrefix(key, "AWS_") {
			return fmt.Errorf("Environment: %s is reserved by Lambda", key)
		}
	}
	if size > 4096 {
		return fmt.Errorf("Environment holds %d bytes, more than Lambda's 4096", size)
	}
	return nil
}

func (s *Service) declareFunction(d world.Declared) (world.Resource, error) {
	var p functionProperties
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	if err := p.check(); err != nil {
		return world.Resource{}, err
	}
	name := s.w.NameFor(d, p.FunctionName)
	f := &Function{Name: name, ARN: s.w.ARN("lambda", "function:"+name), Role: p.Role, Handler: p.Handler,
		Code:    filepath.Join(d.Assets, "asset."+strings.TrimSuffix(p.Code.S3Key, ".zip")),
		Timeout: time.Duration(max(p.Timeout, 3)) * time.Second, MemoryMB: max(p.MemorySize, 128),
		Environment: p.Environment.Variables, LogGroup: cmp.Or(p.LoggingConfig.LogGroup, "/aws/lambda/"+name)}
	if old := s.state.Functions[name]; old != nil {
		f.Permissions = old.Permissions
	}
	s.state.Functions[name] = f
	return world.Resource{ID: name, Attributes: map[string]any{"Arn": f.ARN}}, nil
}

func (s *Service) declarePermission(d world.Declared) (world.Resource, error) {
	var p struct{ Action, FunctionName, Principal, SourceArn, SourceAccount string }
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	f := s.find(p.FunctionName)
	if f == nil {
		return world.Resource{}, fmt.Errorf("FunctionName %q: there is no such function", p.FunctionName)
	}
	id := cmp.Or(d.ID, f.Name+"|"+s.w.GeneratedName(d))
	f.Permissions = slices.DeleteFunc(f.Permissions, func(old permission) bool { return old.ID == id })
	f.Permissions = append(f.Permissions, permission{ID: id, Action: p.Action, Principal: p.Principal,
		SourceARN: p.SourceArn, SourceAccount: p.SourceAccount})
	return world.Resource{ID: id, Attributes: map[string]any{"Id": id}}, nil
}

// Withdraw removes a function or a permission.
func (s *Service) Withdraw(resourceType, id string) error {
	if resourceType == "AWS::Lambda::Function" {
		delete(s.state.Functions, id)
		return nil
	}
	for _, f := range s.state.Functions {
		f.Permissions = slices.DeleteFunc(f.Permissions, func(p permission) bool { return p.ID == id })
	}
	return nil
}

// Policies are the functions' resource policies, by the ARN of the function.
func (s *Service) Policies() map[string]string {
	policies := map[string]string{}
	for _, f := range s.state.Functions {
		policies[f.ARN] = f.policy()
	}
	return policies
}

// policy is the function's resource policy as a document; empty if it has none.
func (f *Function) policy() string {
	if len(f.Permissions) == 0 {
		return ""
	}
	statements := make([]map[string]any, 0, len(f.Permissions))
	for _, p := range f.Permissions {
		statement := map[string]any{"Effect": "Allow", "Action": p.Action, "Resource": f.ARN, "Principal": p.principal()}
		if condition := p.condition(); len(condition) > 0 {
			statement["Condition"] = condition
		}
		statements = append(statements, statement)
	}
	raw, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements}) //nolint:errchkjson // strings
	return string(raw)
}

func (p permission) principal() any {
	if strings.HasSuffix(p.Principal, ".amazonaws.com") {
		return map[string]string{"Service": p.Principal}
	}
	return map[string]string{"AWS": p.Principal}
}

func (p permission) condition() map[string]any {
	condition := map[string]any{}
	if p.SourceARN != "" {
		condition["ArnLike"] = map[string]string{"AWS:SourceArn": p.SourceARN}
	}
	if p.SourceAccount != "" {
		condition["StringEquals"] = map[string]string{"AWS:SourceAccount": p.SourceAccount}
	}
	return condition
}

package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Target is one service of the scene.
type Target struct {
	Name       string
	Repository string
	Policy     string // the tag policy as the configuration has it
	Semver     bool
	Desired    int
	Breaker    string // "", "stop" or "rollback": what ECS does by itself when a rollout fails
	Scanned    bool   // what a scan finds in an image can keep it out
}

// cluster is where all services of the scene are, and bystander the one that is not configured: nothing may touch it.
const (
	cluster   = "fairlead-sample"
	bystander = "bystander"
)

const commits = `{"regexp":"[0-9a-f]{40}-[0-9]+(-[0-9]+)?"}`

// Targets are the services that are deployed: of each kind that makes a difference.
func Targets() []Target {
	return []Target{
		{Name: "web", Repository: "shop/web", Policy: commits, Desired: 2, Breaker: "rollback"},
		{Name: "api", Repository: "shop/api", Policy: commits, Desired: 1, Breaker: "stop", Scanned: true},
		{Name: "worker", Repository: "shop/worker", Policy: commits, Desired: 1},
		{Name: "billing", Repository: "shop/billing", Policy: `{"semver":">=2.0.0 <3.0.0"}`, Semver: true, Desired: 3, Breaker: "rollback"},
		{Name: "idle", Repository: "shop/idle", Policy: commits, Desired: 0, Breaker: "rollback"},
	}
}

func target(name string) Target {
	for _, t := range Targets() {
		if t.Name == name {
			return t
		}
	}
	return Target{Name: name}
}

// Synthesise writes the scene's cloud assembly to outdir: what the CDK app of the module in root makes of a configuration
// with all targets, with an ECS service for each.
func Synthesise(ctx context.Context, root, outdir string) error {
	given, err := configuration(root)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "run", "./infra")
	command.Dir = root
	command.Env = append(os.Environ(), "CDK_OUTDIR="+outdir, "CDK_CONTEXT_JSON="+string(given))
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("synthesise the stacks: %w\n%s", err, out)
	}
	return addServices(filepath.Join(outdir, "FairleadSample.template.json"))
}

// configuration is the context of cdk.json with the scene's services.
func configuration(root string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		return nil, err
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("cdk.json: %w", err)
	}
	services, repositories := map[string]any{}, map[string]any{}
	for _, t := range Targets() {
		service := map[string]any{"repository": t.Repository, "container": t.Name, "tagPolicy": json.RawMessage(t.Policy),
			"taskRole": cluster + "-" + t.Name + "-task", "executionRole": cluster + "-" + t.Name + "-execution"}
		if t.Scanned {
			service["gates"] = map[string]any{"scan": map[string]any{}}
		}
		services[t.Name] = service
		repositories[t.Repository] = map[string]any{}
	}
	file.Context["fairlead"] = map[string]any{"services": services, "repositories": repositories,
		"defaults": map[string]any{"cluster": cluster, "timeout": "15m"}}
	file.Context["fairleadSample"] = "web"
	return json.Marshal(file.Context)
}

// copied are the resources of the sample's stack that every service has of its own.
func copied() []string { return []string{"Logs", "TaskRole", "ExecutionRole", "Revision", "Service"} }

// addServices adds the other targets and the bystander to the sample's stack, as copies of its service.
func addServices(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var template map[string]any
	if err := json.Unmarshal(raw, &template); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	resources := template["Resources"].(map[string]any)
	resources["Revision"].(map[string]any)["Properties"].(map[string]any)["Tags"] = []map[string]string{{"Key": "team", "Value": "shop"}}
	for _, t := range append(Targets(), Target{Name: bystander, Desired: 1}) {
		if t.Name != "web" {
			if err := addService(resources, t); err != nil {
				return err
			}
		}
	}
	if raw, err = json.Marshal(template); err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o600)
}

func addService(resources map[string]any, t Target) error {
	suffix := strings.ToUpper(t.Name[:1]) + t.Name[1:]
	renamed := []string{`"web"`, `"` + t.Name + `"`, cluster + "-web", cluster + "-" + t.Name, cluster + "/web", cluster + "/" + t.Name,
		"repository/shop/web", "repository/" + t.Repository}
	for _, id := range copied() {
		renamed = append(renamed, `"Ref":"`+id+`"`, `"Ref":"`+id+suffix+`"`, `["`+id+`",`, `["`+id+suffix+`",`, "${"+id+"}", "${"+id+suffix+"}", "${"+id+".", "${"+id+suffix+".")
	}
	for _, id := range copied() {
		raw, err := json.Marshal(resources[id])
		if err != nil {
			return err
		}
		var made map[string]any
		if err := json.Unmarshal([]byte(strings.NewReplacer(renamed...).Replace(string(raw))), &made); err != nil {
			return fmt.Errorf("service %s: %w", t.Name, err)
		}
		if id == "Service" {
			properties := made["Properties"].(map[string]any)
			properties["DesiredCount"] = t.Desired
			breaker := map[string]any{"Enable": t.Breaker != "", "Rollback": t.Breaker == "rollback"}
			properties["DeploymentConfiguration"].(map[string]any)["DeploymentCircuitBreaker"] = breaker
		}
		resources[id+suffix] = made
	}
	return nil
}

package states_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

func (b *bench) declare(id, assets string, properties object) (world.Resource, error) {
	raw, err := json.Marshal(properties)
	if err != nil {
		b.Fatal(err)
	}
	return b.service.Declare(world.Declared{Type: "AWS::StepFunctions::StateMachine", Stack: "fairlead", LogicalID: "Deploy4711", ID: id, Properties: raw, Assets: assets})
}

const functionTask = `{"StartAt":"W","States":{"W":{"Type":"Task","Resource":"${Arn}","TimeoutSeconds":${Limit},"End":true}}}`

func TestDeclare(t *testing.T) {
	b := newBench(t)
	assets := t.TempDir()
	if err := os.WriteFile(filepath.Join(assets, "asset.abc.json"), []byte(functionTask), 0o600); err != nil {
		t.Fatal(err)
	}
	properties := object{"DefinitionS3Location": object{"Bucket": "cdk-assets", "Key": "abc.json"}, "DefinitionSubstitutions": object{"Arn": functionARN, "Limit": 60},
		"RoleArn": role, "StateMachineType": "STANDARD", "TracingConfiguration": object{"Enabled": true}, "Tags": []object{{"Key": "k", "Value": "v"}},
		"LoggingConfiguration": object{"Level": "ERROR", "IncludeExecutionData": false, "Destinations": []object{{"CloudWatchLogsLogGroup": object{"LogGroupArn": group}}}}}
	first, err := b.declare("", assets, properties)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := first.Attributes["Name"].(string)
	if !strings.HasPrefix(name, "Deploy4711-") || len(name) != len("Deploy4711-")+12 || first.ID != "arn:aws:states:eu-west-1:123456789012:stateMachine:"+name || first.Attributes["Arn"] != first.ID {
		t.Errorf("declared %+v", first)
	}
	var m struct {
		Definition           string
		LoggingConfiguration struct{ Level string }
		TracingConfiguration struct{ Enabled bool }
	}
	b.must("DescribeStateMachine", object{"stateMachineArn": first.ID}, &m)
	want := strings.NewReplacer("${Arn}", functionARN, "${Limit}", "60").Replace(functionTask)
	if m.Definition != want || m.LoggingConfiguration.Level != "ERROR" || !m.TracingConfiguration.Enabled {
		t.Errorf("the state machine is %+v", m)
	}
	delete(properties, "LoggingConfiguration")
	properties["DefinitionSubstitutions"] = object{"Arn": functionARN, "Limit": "90"}
	second, err := b.declare(first.ID, assets, properties)
	if err != nil || second.ID != first.ID {
		t.Fatalf("declared again: %+v, %v", second, err)
	}
	b.must("DescribeStateMachine", object{"stateMachineArn": first.ID}, &m)
	if !strings.Contains(m.Definition, `"TimeoutSeconds":90`) || m.LoggingConfiguration.Level != "OFF" {
		t.Errorf("after the update the state machine is %+v", m)
	}
	properties["StateMachineName"] = "deployer"
	third, err := b.declare(first.ID, assets, properties)
	if err != nil || third.ID != machineARN {
		t.Fatalf("declared with a name: %+v, %v", third, err)
	}
	b.wantCode("StateMachineDoesNotExist", "DescribeStateMachine", object{"stateMachineArn": first.ID})
	if err := b.service.Withdraw("AWS::StepFunctions::StateMachine", machineARN); err != nil {
		t.Fatal(err)
	}
	b.wantCode("StateMachineDoesNotExist", "DescribeStateMachine", object{"stateMachineArn": machineARN})
}

func TestDeclareFromTheTemplateItself(t *testing.T) {
	for name, properties := range map[string]object{
		"a text":    {"DefinitionString": `{"StartAt":"${Start}","States":{"S":{"Type":"Succeed"}}}`},
		"an object": {"Definition": object{"StartAt": "${Start}", "States": object{"S": object{"Type": "Succeed"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			properties["RoleArn"], properties["StateMachineName"], properties["DefinitionSubstitutions"] = role, "deployer", object{"Start": "S"}
			if _, err := b.declare("", "", properties); err != nil {
				t.Fatal(err)
			}
			b.begin("run", `{}`)
			b.wantStatus("SUCCEEDED")
		})
	}
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change object
		want   string
	}{
		"no role":                        {object{"RoleArn": ""}, "the property RoleArn is required"},
		"no definition":                  {object{"DefinitionString": ""}, "exactly one of DefinitionString, DefinitionS3Location and Definition is required"},
		"two definitions":                {object{"Definition": object{}}, "exactly one of DefinitionString, DefinitionS3Location and Definition is required"},
		"a substitution that is missing": {object{"DefinitionString": strings.Replace(succeed, `"Succeed"`, `"${Type}"`, 1)}, "InvalidDefinition"},
		"an express workflow":            {object{"StateMachineType": "EXPRESS"}, "NotImplemented: the type EXPRESS is not implemented by Fairlead's embedded AWS"},
		"a property that does not exist": {object{"Definitions": 1}, `unknown field "Definitions"`},
		"an asset outside the assembly":  {object{"DefinitionString": "", "DefinitionS3Location": object{"Bucket": "b", "Key": "../x.json"}}, `the key "../x.json" names no file asset of the assembly`},
		"an asset that is missing":       {object{"DefinitionString": "", "DefinitionS3Location": object{"Bucket": "b", "Key": "x.json"}}, "read the definition: open "},
		"a bad name":                     {object{"StateMachineName": "a b"}, "InvalidName: Invalid Name: 'a b'"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			properties := object{"DefinitionString": succeed, "RoleArn": role}
			maps.Copy(properties, test.change)
			_, err := b.declare("", t.TempDir(), properties)
			if err == nil || !strings.HasPrefix(err.Error(), "state machine Deploy4711: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	b := newBench(t)
	b.machine(succeed)
	if _, err := b.declare("", "", object{"DefinitionString": wait, "RoleArn": role, "StateMachineName": "deployer"}); err == nil {
		t.Error("a name that another state machine has was accepted")
	}
	if diff := cmp.Diff([]string{"AWS::StepFunctions::StateMachine"}, b.service.ResourceTypes()); diff != "" {
		t.Error(diff)
	}
}

package stack_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/stack"
	"fairlead/local/world"
)

// shelf provides Test::Thing and writes down what is asked of it.
type shelf struct{ deeds []string }

func (s *shelf) ResourceTypes() []string { return []string{"Test::Thing"} }

func (s *shelf) Declare(d world.Declared) (world.Resource, error) {
	s.deeds = append(s.deeds, "declare "+d.LogicalID+" "+string(d.Properties))
	return world.Resource{ID: "id-" + d.LogicalID, Attributes: map[string]any{"Arn": "arn:" + d.LogicalID}}, nil
}

func (s *shelf) Withdraw(_, id string) error {
	s.deeds = append(s.deeds, "withdraw "+id)
	return nil
}

// assembly writes a cloud assembly of one stack.
func assembly(t *testing.T, template string) string {
	t.Helper()
	dir := t.TempDir()
	manifest := `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.template.json"}},"Tree":{"type":"cdk:tree"}}}`
	for name, content := range map[string]string{"manifest.json": manifest, "S.template.json": template} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func newStacks() (*stack.Service, *shelf) {
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Now())
	s := &shelf{}
	return stack.New(w, s), s
}

func TestIntrinsicFunctions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ value, want string }{
		"Ref of a resource":               {`{"Ref":"Other"}`, `"id-Other"`},
		"Ref of a pseudo parameter":       {`{"Ref":"AWS::AccountId"}`, `"123456789012"`},
		"Ref of a parameter":              {`{"Ref":"Size"}`, `"big"`},
		"GetAtt":                          {`{"Fn::GetAtt":["Other","Arn"]}`, `"arn:Other"`},
		"Sub of all of them":              {`{"Fn::Sub":"${AWS::Region} ${Other} ${Other.Arn} ${!Literal}"}`, `"eu-west-1 id-Other arn:Other ${Literal}"`},
		"Sub with values of its own":      {`{"Fn::Sub":["${A}-${B}",{"A":"a","B":{"Ref":"Other"}}]}`, `"a-id-Other"`},
		"Join":                            {`{"Fn::Join":["-",["a",{"Ref":"Other"},"b"]]}`, `"a-id-Other-b"`},
		"Select of Split":                 {`{"Fn::Select":[1,{"Fn::Split":["/","a/b/c"]}]}`, `"b"`},
		"If takes the branch that holds":  {`{"Fn::If":["IsBig","yes","no"]}`, `"yes"`},
		"NoValue leaves the property out": {`[1,{"Ref":"AWS::NoValue"},2]`, `[1,2]`},
		"Select of GetAZs":                {`{"Fn::Select":[0,{"Fn::GetAZs":""}]}`, `"eu-west-1a"`},
		"FindInMap":                       {`{"Fn::FindInMap":["M","a","b"]}`, `"found"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stacks, s := newStacks()
			_, err := stacks.Apply(assembly(t, `{"Parameters":{"Size":{"Default":"big"}},"Mappings":{"M":{"a":{"b":"found"}}},
				"Conditions":{"IsBig":{"Fn::Equals":[{"Ref":"Size"},"big"]}},
				"Resources":{"Thing":{"Type":"Test::Thing","Properties":{"V":`+test.value+`}},"Other":{"Type":"Test::Thing"}}}`))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]json.RawMessage
			for _, deed := range s.deeds {
				if raw, ok := strings.CutPrefix(deed, "declare Thing "); ok {
					if err := json.Unmarshal([]byte(raw), &got); err != nil {
						t.Fatal(err)
					}
				}
			}
			if diff := cmp.Diff(test.want, string(got["V"])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAChangedTemplateIsAppliedAsAnUpdate(t *testing.T) {
	t.Parallel()
	stacks, s := newStacks()
	apply := func(resources string) []string {
		s.deeds = nil
		if _, err := stacks.Apply(assembly(t, `{"Resources":{`+resources+`}}`)); err != nil {
			t.Fatal(err)
		}
		return s.deeds
	}
	a, b := `"A":{"Type":"Test::Thing","Properties":{"N":1}}`, `"B":{"Type":"Test::Thing","DependsOn":"C"}`
	c := `"C":{"Type":"Test::Thing","DeletionPolicy":"Retain"}`
	for _, step := range []struct {
		name, resources string
		want            []string
	}{
		{"all are made, each behind what it depends on", a + "," + b + "," + c, []string{`declare A {"N":1}`, `declare C {}`, `declare B {}`}},
		{"what is unchanged is left alone", a + "," + b + "," + c, nil},
		{"what differs is changed", strings.Replace(a, "1", "2", 1) + "," + b + "," + c, []string{`declare A {"N":2}`}},
		{"what is gone is removed, unless it is to be retained", a, []string{`declare A {"N":1}`, "withdraw id-B"}},
	} {
		if diff := cmp.Diff(step.want, apply(step.resources)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	for resources, want := range map[string]string{
		`"A":{"Type":"AWS::S3::Bucket"}`: "does not provide this type",
		`"A":{"Type":"Test::Thing","Properties":{"V":["a {{resolve:ssm:/fairlead/web/deployed-digest}}"]}}`:       "dynamic references are not implemented",
		`"A":{"Type":"Test::Thing","Properties":{"V":{"Ref":"Stored"}}}`:                                          "the type AWS::SSM::Parameter::Value<String> is not implemented",
		`"A":{"Type":"Test::Thing","Properties":{"V":{"Fn::Cidr":["10.0.0.0/16",1,8]}}}`:                          "Fn::Cidr is not implemented",
		`"A":{"Type":"Test::Thing","Properties":{"V":{"Ref":"Nobody"}}}`:                                          `no resource and no parameter "Nobody"`,
		`"A":{"Type":"Test::Thing","Properties":{"V":{"Fn::GetAtt":["B","Nothing"]}}},"B":{"Type":"Test::Thing"}`: `no attribute "Nothing"`,
		`"A":{"Type":"Test::Thing","DependsOn":"B"},"B":{"Type":"Test::Thing","DependsOn":"A"}`:                   "circular dependency",
		`"A":{"Type":"Test::Thing","Condition":"Never"}`:                                                          `no condition "Never"`,
		`"A":{"Type":"Test::Thing","Properties":{"V":{"Fn::ImportValue":"x"}}}`:                                   `no stack exports "x"`,
	} {
		stacks, _ := newStacks()
		_, err := stacks.Apply(assembly(t, `{"Parameters":{"Stored":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/x"}},"Resources":{`+resources+`}}`))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "stack S") {
			t.Errorf("%s: %v, want %s", resources, err, want)
		}
	}
}

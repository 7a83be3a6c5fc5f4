package events_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fairlead/shared/push"
)

func TestEverySampleIsOfItsSchema(t *testing.T) {
	samples := files(t, "*-*.json")
	schemas := map[string]int{}
	for _, sample := range samples {
		name, _, _ := strings.Cut(sample, "-")
		schemas[name+".schema.json"]++
		t.Run(sample, func(t *testing.T) {
			if err := schema(t, name+".schema.json").Validate(decode(t, sample)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, name := range files(t, "*.schema.json") {
		if schemas[name] == 0 {
			t.Errorf("%s has no sample", name)
		}
	}
}

func TestEveryInputIsTaken(t *testing.T) {
	for _, sample := range files(t, "input-*.json") {
		raw, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := push.Parse(raw, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)); err != nil {
			t.Errorf("%s: %v", sample, err)
		}
	}
}

// TestSchemaAndParserAgree holds the schema and the parser to the same yes or no.
func TestSchemaAndParserAgree(t *testing.T) {
	const digest = `"sha256:1111111111111111111111111111111111111111111111111111111111111111"`
	const event = `{"source":"aws.ecr","detail-type":"ECR Image Action","detail":{"repository-name":"shop/web"}}`
	const follow = `"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"`
	inputs := schema(t, "input.schema.json")
	for document, want := range map[string]bool{
		`{"service":"web","tag":"v1"}`:                                          true,
		`{"service":"web","digest":` + digest + `,"image":{},"outcome":null}`:   false,
		`{"service":"web","event":` + event + `,"dryRun":true}`:                 true,
		`{"service":"web","tag":"v1","allowOlder":{"replaces":` + digest + `}}`: true,
		`{"service":"web"}`:                                                        false,
		`{"service":"","tag":"v1"}`:                                                false,
		`{"tag":"v1"}`:                                                             false,
		`{"service":"web","tag":"v 1"}`:                                            false,
		`{"service":"web","tag":"v1","digest":` + digest + `}`:                     false,
		`{"service":"web","tag":"v1","event":` + event + `}`:                       false,
		`{"service":"web","digest":"sha256:1"}`:                                    false,
		`{"service":"web","tag":"v1","dryRun":"yes"}`:                              false,
		`{"service":"web","tag":"v1","dryrun":true}`:                               false,
		`{"service":"web","tag":"v1","role":"arn:aws:iam::123456789012:role/any"}`: false,
		`{"service":"web","tag":"v1","allowOlder":{}}`:                             false,
		`{"service":"web","tag":"v1","allowOlder":{"replaces":"v0"}}`:              false,
		`{"service":"web","event":{"source":"aws.s3","detail-type":"ECR Image Action","detail":{"repository-name":"shop/web"}}}`: false,
		`{"service":"web","event":{"source":"aws.ecr","detail-type":"ECR Image Scan","detail":{"repository-name":"shop/web"}}}`:  false,
		`{"service":"web","event":{"source":"aws.ecr","detail-type":"ECR Image Action","detail":{}}}`:                            false,
		`{"service":"web","tag":"v1","sweep":{"digest":` + digest + `,"pushedAt":"2026-11-23T08:00:00Z"}}`:                       true,
		`{"service":"web","sweep":{"follow":` + follow + `}}`:                                                                    true,
		`{"service":"web","tag":"v1","sweep":{"follow":` + follow + `}}`:                                                         true,
		`{"service":"web","tag":"v1","sweep":{"digest":` + digest + `,"pushedAt":"2026-11-23T08:00:00Z","held":true}}`:           true,
		`{"service":"*","dryRun":true}`:                                            true,
		`{"service":"web","dryRun":true}`:                                          true,
		`{"service":"web","dryRun":false}`:                                         false,
		`{"service":"web","dryRun":true,"allowOlder":{"replaces":` + digest + `}}`: false,
		`{"service":"web","sweep":{"follow":` + follow + `,"held":true}}`:          false,
		`{"service":"web","tag":"v1","sweep":{"digest":` + digest + `,"pushedAt":"2026-11-23T08:00:00Z","held":"yes"}}`:            false,
		`{"service":"web","sweep":{"digest":` + digest + `,"pushedAt":"2026-11-23T08:00:00Z"}}`:                                    false,
		`{"service":"web","tag":"v1","sweep":{"digest":` + digest + `}}`:                                                           false,
		`{"service":"web","tag":"v1","sweep":{"digest":` + digest + `,"pushedAt":"yesterday"}}`:                                    false,
		`{"service":"web","tag":"v1","sweep":{}}`:                                                                                  false,
		`{"service":"web","tag":"v1","sweep":{"follow":"web:42"}}`:                                                                 false,
		`{"service":"web","tag":"v1","sweep":{"follow":` + follow + `,"digest":` + digest + `,"pushedAt":"2026-11-23T08:00:00Z"}}`: false,
		`{"service":"web","tag":"v1","sweep":{"follow":` + follow + `},"allowOlder":{"replaces":` + digest + `}}`:                  false,
		`{"service":"web","digest":` + digest + `,"sweep":{"follow":` + follow + `}}`:                                              false,
		`{"service":"web","event":` + event + `,"sweep":{"follow":` + follow + `}}`:                                                false,
		`["web"]`: false,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		if got := inputs.Validate(value) == nil; got != want {
			t.Errorf("schema: %s is taken: %t, want %t", document, got, want)
		}
		if _, err := push.Parse([]byte(document), time.Now()); (err == nil) != want {
			t.Errorf("parser: %s is taken: %t, want %t (%v)", document, err == nil, want, err)
		}
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(found), err)
	}
	return found
}

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func decode(t *testing.T, file string) any {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

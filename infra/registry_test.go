package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The repositories that this repository's cdk.json does not have: one that exists, one with tags that may be moved, and one
// whose images CI pushes from an environment.
func TestRepositoriesOfEveryKindKeepTheRules(t *testing.T) {
	given, err := readContext("..", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	delete(given, sampleKey)
	given[configurationKey] = json.RawMessage(`{"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}},"repositories":{
		"there": {"existing":true,"github":{"repository":"Shop/There","environment":"eu:prod","ownerId":"12","repositoryId":"345"}},
		"made/a": {"mutableTags":["cache-*","dev"],"expireUntaggedDays":30}}}`)
	in, err := newInput(given, nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := in.Config.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if in.Assets, err = buildAssets(t.Context(), t.TempDir(), notCompiled, encoded); err != nil {
		t.Fatal(err)
	}
	all, why, err := synth(in, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	registry := map[string]template{registryStack: all[registryStack]}
	noted := slices.DeleteFunc(why.noted, func(r reason) bool { return r.stack != registryStack })
	for _, fault := range slices.Concat(rightsFaults(registry), shapeFaults(registry), reasonFaults(registry, noted)) {
		t.Error(fault)
	}
	want := []string{providerID, "MadeARepository", "TherePushRole"}
	got := slices.Sorted(maps.Keys(registry[registryStack].Resources))
	if !slices.Equal(got, want) {
		t.Errorf("the stack holds %q, want %q: a repository that exists is left alone", got, want)
	}
	text := fmt.Sprint(registry[registryStack].Resources)
	for _, part := range []string{"repo:Shop/There:environment:eu%3Aprod repo:Shop@12/There@345:environment:eu%3Aprod", `repository_id:345`,
		"IMMUTABLE_WITH_EXCLUSION", "ImageTagMutabilityExclusionFilterValue:cache-*", `"countNumber":30`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing in %s", part, text)
		}
	}
}

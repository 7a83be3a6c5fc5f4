package image_test

import (
	"strings"
	"testing"

	"fairlead/shared/image"
)

func TestPlatformOf(t *testing.T) {
	tests := []struct{ cpu, system, want string }{
		{"", "", "linux/amd64"},
		{"X86_64", "LINUX", "linux/amd64"},
		{"ARM64", "", "linux/arm64"},
		{"X86_64", "WINDOWS_SERVER_2016_FULL", "windows/amd64:10.0.14393"},
		{"X86_64", "WINDOWS_SERVER_2019_CORE", "windows/amd64:10.0.17763"},
		{"X86_64", "WINDOWS_SERVER_2004_CORE", "windows/amd64:10.0.19041"},
		{"X86_64", "WINDOWS_SERVER_20H2_CORE", "windows/amd64:10.0.19042"},
		{"", "WINDOWS_SERVER_2022_FULL", "windows/amd64:10.0.20348"},
		{"", "WINDOWS_SERVER_2025_CORE", "windows/amd64:10.0.26100"},
	}
	for _, test := range tests {
		got, err := image.PlatformOf(test.cpu, test.system)
		if err != nil || got.String() != test.want {
			t.Errorf("PlatformOf(%q, %q) = %s, %v; want %s", test.cpu, test.system, got, err, test.want)
		}
	}
	for _, unknown := range [][2]string{{"RISCV", "LINUX"}, {"X86_64", "WINDOWS_SERVER_2030_CORE"}, {"X86_64", "PLAN9"}} {
		if got, err := image.PlatformOf(unknown[0], unknown[1]); err == nil {
			t.Errorf("PlatformOf(%q) = %s, want an error", unknown, got)
		}
	}
}

func TestRuns(t *testing.T) {
	linux := image.Platform{OS: "linux", Architecture: "amd64"}
	windows := image.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348"}
	tests := []struct {
		name        string
		image, want image.Platform
		runs        bool
	}{
		{"the same platform", linux, linux, true},
		{"another architecture", image.Platform{OS: "linux", Architecture: "arm64"}, linux, false},
		{"another system", image.Platform{OS: "windows", Architecture: "amd64"}, linux, false},
		{"a Windows image of the build", image.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2227"}, windows, true},
		{"a Windows image of another build", image.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1"}, windows, false},
		{"a Windows image of a build that begins alike", image.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.203480.1"}, windows, false},
		{"a Windows image that does not say", image.Platform{OS: "windows", Architecture: "amd64"}, windows, true},
	}
	for _, test := range tests {
		if got := test.image.Runs(test.want); got != test.runs {
			t.Errorf("%s: %t, want %t", test.name, got, test.runs)
		}
	}
}

func TestParseConfig(t *testing.T) {
	good := []byte(`{"os":"linux","architecture":"arm64","config":{"Env":["A=b"]},"rootfs":{}}`)
	if got, err := image.ParseConfig(image.DigestOf(good), good); err != nil || got.String() != "linux/arm64" {
		t.Errorf("got %s, %v", got, err)
	}
	for content, want := range map[string]string{
		`{"os":"linux"}`: "names no operating system and architecture",
		`{}`:             "names no operating system and architecture",
		`[]`:             "the configuration blob",
	} {
		if _, err := image.ParseConfig(image.DigestOf([]byte(content)), []byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", content, err, want)
		}
	}
	if _, err := image.ParseConfig(one, good); err == nil || !strings.Contains(err.Error(), "has the digest") {
		t.Errorf("content of another digest: got %v", err)
	}
}

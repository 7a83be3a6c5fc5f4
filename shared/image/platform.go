package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Platform is where an image runs, in the words of the OCI. The zero value is one that nobody has named.
type Platform struct {
	OS           string // linux, windows
	Architecture string // amd64, arm64
	OSVersion    string // of Windows: 10.0.20348.2227, or the first three numbers of it; else ""
}

// String writes it as linux/amd64, or windows/amd64:10.0.20348.
func (p Platform) String() string {
	switch {
	case p == Platform{}:
		return "no platform"
	case p.OSVersion != "":
		return p.OS + "/" + p.Architecture + ":" + p.OSVersion
	default:
		return p.OS + "/" + p.Architecture
	}
}

// Runs reports whether an image for the platform p runs where want is wanted. A Windows image has to be of the same
// build, where both say theirs: https://learn.microsoft.com/en-us/virtualization/windowscontainers/deploy-containers/version-compatibility
func (p Platform) Runs(want Platform) bool {
	if p.OS != want.OS || p.Architecture != want.Architecture {
		return false
	}
	return p.OSVersion == "" || want.OSVersion == "" || p.OSVersion == want.OSVersion ||
		strings.HasPrefix(p.OSVersion, want.OSVersion+".")
}

// PlatformOf returns the platform that a task definition's runtimePlatform asks for, in ECS's words. Left empty they
// mean X86_64 and LINUX.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#runtime-platform
func PlatformOf(cpuArchitecture, operatingSystemFamily string) (Platform, error) {
	var p Platform
	switch cpuArchitecture {
	case "", "X86_64":
		p.Architecture = "amd64"
	case "ARM64":
		p.Architecture = "arm64"
	default:
		return Platform{}, fmt.Errorf("the CPU architecture %s is unknown to this version of Fairlead", cpuArchitecture)
	}
	if operatingSystemFamily == "" || operatingSystemFamily == "LINUX" {
		p.OS = "linux"
		return p, nil
	}
	build, ok := windowsBuild(operatingSystemFamily)
	if !ok {
		return Platform{}, fmt.Errorf("the operating system family %s is unknown to this version of Fairlead", operatingSystemFamily)
	}
	p.OS, p.OSVersion = "windows", build
	return p, nil
}

// windowsBuild returns the build of a family WINDOWS_SERVER_<release>_<CORE or FULL>: 10.0.<build>.
// https://learn.microsoft.com/en-us/windows-server/get-started/windows-server-release-info
func windowsBuild(family string) (string, bool) {
	release, ok := strings.CutPrefix(family, "WINDOWS_SERVER_")
	if !ok {
		return "", false
	}
	release = strings.TrimSuffix(strings.TrimSuffix(release, "_CORE"), "_FULL")
	build, ok := map[string]string{
		"2016": "10.0.14393", "2019": "10.0.17763", "2004": "10.0.19041", "20H2": "10.0.19042",
		"2022": "10.0.20348", "2025": "10.0.26100",
	}[release]
	return build, ok
}

// platformJSON is a platform as an index and a configuration blob write it.
type platformJSON struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	OSVersion    string `json:"os.version"`
}

// platform is the zero value unless both the system and the architecture are named.
func (p *platformJSON) platform() Platform {
	if p == nil || p.OS == "" || p.Architecture == "" {
		return Platform{}
	}
	return Platform{OS: p.OS, Architecture: p.Architecture, OSVersion: p.OSVersion}
}

// ParseConfig reads the platform from an image's configuration blob, which has to be the content of the digest.
// https://github.com/opencontainers/image-spec/blob/main/config.md
func ParseConfig(digest Digest, content []byte) (Platform, error) {
	if got := DigestOf(content); got != digest {
		return Platform{}, fmt.Errorf("the configuration blob has the digest %s instead of %s", got, digest)
	}
	var p platformJSON
	if err := json.Unmarshal(content, &p); err != nil {
		return Platform{}, fmt.Errorf("the configuration blob: %w", err)
	}
	found := p.platform()
	if found == (Platform{}) {
		return Platform{}, errors.New("the configuration blob names no operating system and architecture")
	}
	return found, nil
}

package ecr_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fairlead/local/ecr/ecrtest"
)

func TestWhichTagsCanBeMoved(t *testing.T) {
	filters := `,"imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest*"}]`
	for name, c := range map[string]struct{ setting, tag, other, same string }{
		"mutable":                               {`"MUTABLE"`, "1.0", "", "ImageAlreadyExistsException"},
		"immutable":                             {`"IMMUTABLE"`, "1.0", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"immutable, the tag is excluded":        {`"IMMUTABLE_WITH_EXCLUSION"` + filters, "latest-1", "", "ImageAlreadyExistsException"},
		"immutable, another tag is excluded":    {`"IMMUTABLE_WITH_EXCLUSION"` + filters, "1.0", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"mutable, the tag is excluded":          {`"MUTABLE_WITH_EXCLUSION"` + filters, "latest", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"mutable, another tag is excluded":      {`"MUTABLE_WITH_EXCLUSION"` + filters, "1.0", "", "ImageAlreadyExistsException"},
		"no setting is mutable":                 {``, "1.0", "", "ImageAlreadyExistsException"},
		"an excluded tag must match altogether": {`"MUTABLE_WITH_EXCLUSION"` + filters, "not-latest", "", "ImageAlreadyExistsException"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			setting := ""
			if c.setting != "" {
				setting = `,"imageTagMutability":` + c.setting
			}
			w.Must(t, "CreateRepository", `{`+repo+setting+`}`, nil)
			first, second := image(t, w, linux), image(t, w, linux+" ")
			if err := put(w, first, c.tag); err != nil {
				t.Fatal(err)
			}
			if err := put(w, first, c.tag); code(err) != c.same {
				t.Errorf("the same image again: %v, want %s", err, c.same)
			}
			if err := put(w, second, c.tag); code(err) != c.other {
				t.Errorf("another image: %v, want %s", err, c.other)
			}
			if err := put(w, second, "other"); err != nil {
				t.Errorf("another tag: %v", err)
			}
		})
	}
}

func TestATagThatMovesLeavesItsImage(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	first, second := image(t, w, linux), image(t, w, linux+" ")
	for _, manifest := range []string{first, second} {
		if err := put(w, manifest, "1"); err != nil {
			t.Fatal(err)
		}
	}
	var out struct {
		Details []struct {
			Digest string   `json:"imageDigest"`
			Tags   []string `json:"imageTags"`
		} `json:"imageDetails"`
	}
	w.Must(t, "DescribeImages", `{`+repo+`,"filter":{"tagStatus":"UNTAGGED"}}`, &out)
	if len(out.Details) != 1 || out.Details[0].Digest != digestOf(first) || out.Details[0].Tags != nil {
		t.Errorf("untagged: %+v", out)
	}
	w.Must(t, "DescribeImages", `{`+repo+`,"imageIds":[{"imageTag":"1"}]}`, &out)
	if len(out.Details) != 1 || out.Details[0].Digest != digestOf(second) {
		t.Errorf("tagged: %+v", out)
	}
}

func TestWhatPutImageRefuses(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	good := image(t, w, linux)
	absent := "sha256:" + strings.Repeat("00", 32)
	replace := func(old, replacement string) string { return strings.Replace(good, old, replacement, 1) }
	index := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"m","digest":"` + absent + `","size":1}]}`
	for name, c := range map[string]struct{ manifest, extra, want string }{
		"bytes that are no JSON":          {"garbage", "", "InvalidParameterException"},
		"an empty manifest":               {"", "", "InvalidParameterException"},
		"two documents":                   {good + good, "", "InvalidParameterException"},
		"another schema version":          {replace(`:2,`, `:1,`), "", "InvalidParameterException"},
		"another media type":              {replace("oci.image.manifest", "x"), "", "InvalidParameterException"},
		"no media type anywhere":          {replace(`"mediaType":"application/vnd.oci.image.manifest.v1+json",`, ""), "", "InvalidParameterException"},
		"a media type that contradicts":   {good, `"imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json"`, "InvalidParameterException"},
		"a digest that is none":           {replace("sha256:", "sha256:x"), "", "InvalidParameterException"},
		"an image without layers":         {`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`, "", "InvalidParameterException"},
		"a layer that is not there":       {replace(digestOf("layer"), absent), "", "LayersNotFoundException"},
		"a config that is not there":      {replace(digestOf(linux), absent), "", "LayersNotFoundException"},
		"an index without its images":     {index, "", "ReferencedImagesNotFoundException"},
		"a digest that does not match":    {good, `"imageDigest":"` + absent + `"`, "ImageDigestDoesNotMatchException"},
		"a tag with a slash":              {good, `"imageTag":"a/b"`, "InvalidParameterException"},
		"a tag of 129 characters":         {good, `"imageTag":"` + strings.Repeat("a", 129) + `"`, "InvalidParameterException"},
		"more than 4 MiB":                 {good + strings.Repeat(" ", 4<<20), "", "InvalidParameterException"},
		"another account's registry":      {good, `"registryId":"210987654321"`, "RepositoryNotFoundException"},
		"a registry that is no account":   {good, `"registryId":"x"`, "InvalidParameterException"},
		"nothing: this one is right":      {good, "", ""},
		"nothing: with its own digest":    {good, `"imageTag":"x","imageDigest":"` + digestOf(good) + `"`, ""},
		"nothing: the media type it says": {good + " ", `"imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw, _ := json.Marshal(c.manifest)
			extra := ""
			if c.extra != "" {
				extra = "," + c.extra
			}
			before := len(w.Bus.Details())
			err := w.Call("admin", "PutImage", `{`+repo+`,"imageManifest":`+string(raw)+extra+`}`, nil)
			if got := code(err); got != c.want && (c.want != "" || got != "ImageAlreadyExistsException") {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && len(w.Bus.Details()) != before {
				t.Error("an event for a push that failed")
			}
		})
	}
}

func TestTheSentencesOfErrors(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "IMMUTABLE")
	if err := put(w, image(t, w, linux), "1"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ operation, input, want string }{
		"no repository": {"DescribeImages", `{"repositoryName":"x/y"}`,
			"RepositoryNotFoundException: The repository with name 'x/y' does not exist in the registry with id '123456789012'"},
		"no image": {"DescribeImages", `{` + repo + `,"imageIds":[{"imageTag":"9"}]}`,
			"ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'9'} does not exist within the repository with name 'shop/web' in the registry with id '123456789012'"},
		"a repository that exists": {"CreateRepository", `{` + repo + `}`,
			"RepositoryAlreadyExistsException: The repository with name 'shop/web' already exists in the registry with id '123456789012'"},
		"a repository with images": {"DeleteRepository", `{` + repo + `}`,
			"RepositoryNotEmptyException: The repository with name 'shop/web' in registry with id '123456789012' cannot be deleted because it still contains images"},
		"a layer that is not there": {"GetDownloadUrlForLayer", `{` + repo + `,"layerDigest":"sha256:0"}`,
			"LayersNotFoundException: The layer with digest 'sha256:0' does not exist within the repository with name 'shop/web' in the registry with id '123456789012'"},
		"no scan": {"DescribeImageScanFindings", `{` + repo + `,"imageId":{"imageTag":"1"}}`,
			"ScanNotFoundException: Image scan does not exist for the image with '{imageDigest:'null', imageTag:'1'}' in the repository with name 'shop/web' in the registry with id '123456789012'"},
		"a name with capitals": {"CreateRepository", `{"repositoryName":"Web"}`,
			"InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''"},
		"an operation that is not served": {"PutReplicationConfiguration", `{}`, "NotImplemented: ecr:PutReplicationConfiguration is not implemented"},
		"a key of one's own":              {"CreateRepository", `{"repositoryName":"kms","encryptionConfiguration":{"encryptionType":"KMS"}}`, "NotImplemented: "},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.Call("admin", c.operation, c.input, nil)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

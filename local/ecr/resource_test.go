package ecr_test

import (
	"strings"
	"testing"

	"fairlead/local/ecr/ecrtest"
	"fairlead/local/world"
)

func declare(w *ecrtest.World, id, properties string) (world.Resource, error) {
	return w.ECR.Declare(world.Declared{Type: "AWS::ECR::Repository", Stack: "shop", LogicalID: "Web", ID: id, Properties: []byte(properties)})
}

func TestADeclaredRepository(t *testing.T) {
	w := ecrtest.New(t)
	made, err := declare(w, "", `{"RepositoryName":"shop/web","ImageTagMutability":"IMMUTABLE_WITH_EXCLUSION","ImageTagMutabilityExclusionFilters":[
		{"ImageTagMutabilityExclusionFilterType":"WILDCARD","ImageTagMutabilityExclusionFilterValue":"dev-*"}],
		"ImageScanningConfiguration":{"ScanOnPush":true},"EmptyOnDelete":true,"Tags":[{"Key":"a","Value":"b"}],
		"LifecyclePolicy":{"LifecyclePolicyText":"{\"rules\":[{\"rulePriority\":1,\"selection\":{\"tagStatus\":\"untagged\",\"countType\":\"sinceImagePushed\",\"countUnit\":\"days\",\"countNumber\":14},\"action\":{\"type\":\"expire\"}}]}"},
		"RepositoryPolicyText":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}}}`)
	if err != nil || made.ID != "shop/web" || made.Attributes["Arn"] != "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web" ||
		made.Attributes["RepositoryUri"] != "127.0.0.1:4566/shop/web" {
		t.Fatalf("%+v, %v", made, err)
	}
	first, second := image(t, w, linux), image(t, w, linux+" ")
	for _, tag := range []string{"1", "dev-1"} {
		if err := put(w, first, tag); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(w, second, "dev-1"); err != nil {
		t.Error(err)
	}
	if err := put(w, second, "1"); code(err) != "ImageTagAlreadyExistsException" {
		t.Error(err)
	}
	if again, err := declare(w, "shop/web", `{"RepositoryName":"shop/web","EmptyOnDelete":true}`); err != nil || again.ID != "shop/web" {
		t.Fatalf("%+v, %v", again, err)
	}
	if err := put(w, second, "1"); err != nil {
		t.Errorf("the declaration was changed to MUTABLE: %v", err)
	}
	if err := w.ECR.Withdraw("AWS::ECR::Repository", "shop/web"); err != nil {
		t.Error(err)
	}
	if err := w.ECR.Withdraw("AWS::ECR::Repository", "shop/web"); err != nil {
		t.Errorf("withdrawn twice: %v", err)
	}
}

func TestARepositoryWithImagesIsNotWithdrawn(t *testing.T) {
	w := ecrtest.New(t)
	if _, err := declare(w, "", `{"RepositoryName":"shop/web"}`); err != nil {
		t.Fatal(err)
	}
	if err := put(w, image(t, w, linux), "1"); err != nil {
		t.Fatal(err)
	}
	if err := w.ECR.Withdraw("AWS::ECR::Repository", "shop/web"); code(err) != "RepositoryNotEmptyException" {
		t.Error(err)
	}
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ properties, want string }{
		"an unknown property":     {`{"RepositoryName":"a/b","Colour":"red"}`, `unknown field "Colour"`},
		"a name that is none":     {`{"RepositoryName":"A"}`, "repositoryName"},
		"a setting that is none":  {`{"ImageTagMutability":"SOMETIMES"}`, "imageTagMutability"},
		"exclusions of nothing":   {`{"ImageTagMutability":"IMMUTABLE_WITH_EXCLUSION"}`, "imageTagMutabilityExclusionFilters"},
		"a policy that denies":    {`{"RepositoryPolicyText":{"Statement":[{"Effect":"Allow"},{"Effect":"Deny"}]}}`, "takes none that denies"},
		"a policy that is none":   {`{"RepositoryPolicyText":"x"}`, "RepositoryPolicyText"},
		"a lifecycle of no JSON":  {`{"LifecyclePolicy":{"LifecyclePolicyText":"x"}}`, "LifecyclePolicyText"},
		"a key of one's own":      {`{"EncryptionConfiguration":{"EncryptionType":"KMS"}}`, "does not implement encryption by KMS"},
		"a tag key without a key": {`{"Tags":[{"Key":"","Value":"b"}]}`, "tag key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			if made, err := declare(w, "", c.properties); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v, %v", made, err)
			}
		})
	}
}

func TestARepositoryWithoutANameIsNamedAfterItsPlace(t *testing.T) {
	w := ecrtest.New(t)
	made, err := declare(w, "", `{}`)
	if err != nil || !strings.HasPrefix(made.ID, "shop-web-") || len(made.ID) != len("shop-web-")+12 {
		t.Errorf("%+v, %v", made, err)
	}
}

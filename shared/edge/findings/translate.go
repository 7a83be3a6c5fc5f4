package findings

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/gate/scan"
)

// basic translates a finding of basic scanning, which tells the package in attributes and knows no version that mends it.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
func basic(f types.ImageScanFinding) scan.Finding {
	attributes := map[string]string{}
	for _, a := range f.Attributes {
		attributes[aws.ToString(a.Key)] = aws.ToString(a.Value)
	}
	return scan.Finding{ID: aws.ToString(f.Name), Severity: scan.Severity(f.Severity),
		Package: versioned(attributes["package_name"], attributes["package_version"])}
}

// enhanced translates a finding of Inspector. One that is about no package is called by its title.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html
func enhanced(f types.EnhancedImageScanFinding) scan.Finding {
	out := scan.Finding{ID: aws.ToString(f.Title), Severity: scan.Severity(aws.ToString(f.Severity)), State: aws.ToString(f.Status)}
	details := f.PackageVulnerabilityDetails
	if details == nil {
		return out
	}
	if id := aws.ToString(details.VulnerabilityId); id != "" {
		out.ID = id
	}
	var packages, mended []string
	for _, p := range details.VulnerablePackages {
		packages = distinct(packages, versioned(aws.ToString(p.Name), aws.ToString(p.Version)))
		if in := aws.ToString(p.FixedInVersion); in != "NotAvailable" {
			mended = distinct(mended, in)
		}
	}
	out.Package, out.Fixed = strings.Join(packages, ", "), strings.Join(mended, ", ")
	return out
}

func versioned(name, version string) string { return strings.TrimSpace(name + " " + version) }

// distinct adds a text that is not in the list.
func distinct(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

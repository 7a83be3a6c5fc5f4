// Package quiet silences the notice about Node's end of life that the CDK's runtime prints on every synth with Node 20.
//
// That runtime is a Node process which the CDK's own packages start when they are initialised, so that main comes too
// late to set its environment. Packages are initialised in the order of their import paths as soon as what they import
// is (https://go.dev/ref/spec#Program_initialization), and this one imports os alone and sorts before github.com.
package quiet

import "os"

// The value is the major version whose notice is not wanted.
var _ = os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")

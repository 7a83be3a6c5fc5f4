// The Lambda function of the state CheckSignature.
package main

import (
	"fairlead/functions/checksignature"
	"fairlead/shared/edge/session"
)

func main() { session.Main(checksignature.New) }

// Command lambda is the Lambda function RegisterRevision.
package main

import (
	"fairlead/functions/registerrevision"
	"fairlead/shared/edge/session"
)

func main() { session.Main(registerrevision.New) }

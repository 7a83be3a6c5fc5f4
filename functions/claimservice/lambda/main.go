// Command lambda is the Lambda function ClaimService.
package main

import (
	"fairlead/functions/claimservice"
	"fairlead/shared/edge/session"
)

func main() { session.Main(claimservice.New) }

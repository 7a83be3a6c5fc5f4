// Command lambda is the Lambda function UpdateService.
package main

import (
	"fairlead/functions/updateservice"
	"fairlead/shared/edge/session"
)

func main() { session.Main(updateservice.New) }

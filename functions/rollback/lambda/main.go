// Command lambda is the Lambda function RollBack.
package main

import (
	"fairlead/functions/rollback"
	"fairlead/shared/edge/session"
)

func main() { session.Main(rollback.New) }

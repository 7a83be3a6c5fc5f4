// Command lambda is the function reportoutcome as AWS Lambda runs it.
package main

import (
	"fairlead/functions/reportoutcome"
	"fairlead/shared/edge/session"
)

func main() { session.Main(reportoutcome.New) }

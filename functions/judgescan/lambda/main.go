// The Lambda function of the state JudgeScan.
package main

import (
	"fairlead/functions/judgescan"
	"fairlead/shared/edge/session"
)

func main() { session.Main(judgescan.New) }

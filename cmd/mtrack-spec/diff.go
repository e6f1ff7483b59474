package main

func diffCommand() command { return rulesCommand() }

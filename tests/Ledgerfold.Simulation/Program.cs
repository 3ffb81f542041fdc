using Ledgerfold.Simulation;

var arguments = new Arguments(args);
return arguments.IsHelp ? Arguments.Help() : new Fleet(arguments).Run();

using Ledgerfold.Simulation;

var arguments = new Arguments(args);
return arguments.IsHelp ? Arguments.Help() : arguments.IsZoo ? new ZooKeeper(arguments).Run() : new Fleet(arguments).Run();

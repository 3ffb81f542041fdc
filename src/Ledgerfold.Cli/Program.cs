using Ledgerfold.Cli;

return await CommandLine.Run(args);

using Ledgerfold.Server;

await using var app = LedgerfoldServer.Build(args);
await app.RunAsync();

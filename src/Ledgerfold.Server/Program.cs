using System.Security.Cryptography;
using Ledgerfold;
using Ledgerfold.Server;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;

const int Failed = 1;
const int WrongUsage = 2;

if (args is ["--help" or "-h", ..])
{
    Console.WriteLine(ServerOptions.Usage);
    return 0;
}

if (ServerOptions.Parse(args, out var problem) is not { } options)
{
    Console.Error.WriteLine($"{problem}\n\n{ServerOptions.Usage}");
    return WrongUsage;
}

try
{
    await using var app = LedgerfoldServer.Build(options, Systems.All);
    await app.StartAsync();
    var (urls, data) = (string.Join(", ", app.Urls), Path.GetFullPath(options.Data));
    Console.Error.WriteLine($"Ledgerfold listens on {urls} and keeps everything in {data}");
    await app.Services.GetRequiredService<FirstStart>().Offer(Listening.AddressOf(app.Urls), Console.Error);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or LedgerUnavailableException or UriFormatException
    or FormatException or LedgerDamagedException or InvalidDataException or CryptographicException)
{
    Console.Error.WriteLine(failure.Message);
    return Failed;
}

using System.CommandLine;
using Ledgerfold.Cli.Load.Recounting;
using Ledgerfold.Cli.Load.Sending;

namespace Ledgerfold.Cli.Load;

/// <summary><c>ledgerfold load</c>: what a business on a real server bears.</summary>
internal static class LoadVerb
{
    public const string Name = "load";

    public static Command Create() => new Verb(Name, "Puts load on a business on a real server, and counts again.", MarketplaceVerb.Example)
    {
        MarketplaceVerb.Create(), RecountVerb.Create(), CeilingVerb.Create(), CeilingVerb.CreateEcho(), GenerateVerb.Create(),
    };
}

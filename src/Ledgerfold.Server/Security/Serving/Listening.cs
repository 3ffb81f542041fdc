using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>Where the server may listen: without TLS, passwords and keys stay on this machine.</summary>
internal static class Listening
{
    /// <summary>What is wrong with the addresses, one sentence each; nothing where they are good.</summary>
    /// <param name="urls">The addresses, as Kestrel takes them.</param>
    /// <param name="hasTls">Whether there is a certificate.</param>
    public static ImmutableArray<string> Check(IEnumerable<string> urls, bool hasTls)
    {
        ArgumentNullException.ThrowIfNull(urls);
        return [.. urls.Select(url => Check(url, hasTls)).OfType<string>()];
    }

    /// <summary>Where a browser on this machine reaches the server.</summary>
    /// <param name="urls">Where it listens.</param>
    public static Uri AddressOf(IEnumerable<string> urls)
    {
        var address = BindingAddress.Parse(urls.First());
        var isAny = address.Host is "*" or "+" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
            && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        return new UriBuilder(address.Scheme, isAny ? "localhost" : address.Host, address.Port).Uri;
    }

    private static string? Check(string url, bool hasTls)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"'{url}' is no address to listen on.";
        }

        if (address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return hasTls ? null : $"'{url}' needs a certificate.";
        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
            return $"'{url}' is neither http nor https.";
        return address.IsUnixPipe || IsLoopback(address.Host)
            ? null
            : $"'{url}' can be reached from other machines: use https there, or http on a loopback address such as http://localhost.";
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}

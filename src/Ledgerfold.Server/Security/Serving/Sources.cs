using System.Net;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>How addresses are told apart: one of version 6 by its first half, because one machine has all of the other half.</summary>
internal static class Sources
{
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "local";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (bytes.Length != 16 || IPAddress.IsLoopback(address))
            return address.ToString();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}

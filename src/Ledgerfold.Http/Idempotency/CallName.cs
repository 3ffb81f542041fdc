using System.Security.Cryptography;
using System.Text;

namespace Ledgerfold.Http.Idempotency;

/// <summary>What tells a call from all others: who made it, for whom, under which key. The ids that follow from it never change.</summary>
internal sealed class CallName
{
    private CallName(string tenant, Guid answerId, Guid commandId) => (Tenant, AnswerId, CommandId) = (tenant, answerId, commandId);

    public string Tenant { get; }

    /// <summary>Under which id its answer is kept.</summary>
    public Guid AnswerId { get; }

    /// <summary>The id of the command it sends.</summary>
    public Guid CommandId { get; }

    public static CallName Of(string tenant, string caller, string key)
    {
        var name = Encoding.UTF8.GetBytes($"{caller.Length}:{caller}{key}");
        return new CallName(tenant, IdOf("answer:", name), IdOf("command:", name));
    }

    private static Guid IdOf(string use, byte[] name)
    {
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(use), .. name]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: a hash of our own (RFC 9562)
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}

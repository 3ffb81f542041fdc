using System.Buffers;
using System.Net;
using System.Text.Json;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>What kind of answer an attempt got.</summary>
internal enum AnswerKind
{
    /// <summary>There was none: the connection broke, or 30 seconds passed.</summary>
    Broken,

    /// <summary>The order is confirmed.</summary>
    Confirmed,

    /// <summary>The order is rejected: "sold out" is an answer.</summary>
    Rejected,

    /// <summary>A person has to look at the order.</summary>
    OnHold,

    /// <summary>The order stands, and what becomes of it is not known yet.</summary>
    Pending,

    /// <summary>The business says no, with a code of its own.</summary>
    Refused,

    /// <summary>Another click of the same purchase is being answered.</summary>
    InProgress,

    /// <summary>The server says that it has too much to do (429, 503).</summary>
    Shed,

    /// <summary>Anything else: a fault of the server, or of this program.</summary>
    Failed,
}

/// <summary>An answer, as far as it matters here.</summary>
/// <param name="OrderId">The order that it is about, where there is one.</param>
/// <param name="Detail">The state of the order, or the code of the refusal.</param>
internal readonly record struct Answer(AnswerKind Kind, string? OrderId, string? Detail)
{
    private const string InProgressCode = "in-progress";

    private static readonly SearchValues<char> UpperSnake = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <summary>Whether the business answered, whatever it said.</summary>
    public static bool IsOfBusiness(AnswerKind kind) => kind is >= AnswerKind.Confirmed and <= AnswerKind.Refused;

    /// <summary>Tells what an answer is from its status and its body.</summary>
    public static Answer Of(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        if (status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            return new Answer(AnswerKind.Shed, OrderId: null, FieldsOf(body).Code);
        var (orderId, state, code) = FieldsOf(body);
        if (status is HttpStatusCode.Created or HttpStatusCode.OK)
            return new Answer(OfState(state), orderId, state);
        var isRefusal = (int)status is >= 400 and < 500 && code is not null;
        if (isRefusal && IsOfBusiness(code!))
            return new Answer(AnswerKind.Refused, OrderId: null, code);
        return new Answer(
            isRefusal && status is HttpStatusCode.Conflict && code == InProgressCode ? AnswerKind.InProgress : AnswerKind.Failed,
            OrderId: null,
            code ?? $"{(int)status}");
    }

    private static AnswerKind OfState(string? state) => state?.ToUpperInvariant() switch
    {
        "PENDING" => AnswerKind.Pending,
        "ONHOLD" => AnswerKind.OnHold,
        "REJECTED" => AnswerKind.Rejected,
        "CONFIRMED" or "PARTIALLYSHIPPED" or "SHIPPED" or "DELIVERED" or "COMPLETED" => AnswerKind.Confirmed,
        _ => AnswerKind.Failed,
    };

    /// <summary>Codes of businesses are in upper case with underscores, those of the platform in lower case with hyphens.</summary>
    private static bool IsOfBusiness(string code) =>
        code.Length > 0 && !code.AsSpan().ContainsAnyExcept(UpperSnake);

    private static (string? OrderId, string? State, string? Code) FieldsOf(ReadOnlySpan<byte> body)
    {
        string? orderId = null, state = null, code = null;
        try
        {
            var json = new Utf8JsonReader(body);
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1)
                    continue;
                if (json.ValueTextEquals("orderId"u8))
                    orderId = TextOf(ref json);
                else if (json.ValueTextEquals("status"u8))
                    state = TextOf(ref json);
                else if (json.ValueTextEquals("code"u8))
                    code = TextOf(ref json);
                else
                    json.Skip();
            }
        }
        catch (JsonException)
        {
            return default; // no JSON of the marketplace's
        }

        return (orderId, state, code);
    }

    private static string? TextOf(ref Utf8JsonReader json)
    {
        json.Read();
        var text = json.TokenType == JsonTokenType.String ? json.GetString() : null; // the status of a problem is a number
        json.TrySkip();
        return text;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// The answer to a command as it stands in a header of the command's first event. What the ledger knows by itself is not in
/// it: the position, and the version where there is one stream, so that a decision made twice writes the same bytes.
/// </summary>
/// <param name="Command">The name of the command.</param>
/// <param name="Fingerprint">SHA-256 of the command as JSON, in base 64.</param>
/// <param name="Events">How many events it left, one behind the other.</param>
/// <param name="Streams">Where it wrote to several streams, all of them.</param>
/// <param name="Rejected">Why it was turned down, where it left events all the same.</param>
internal sealed record StoredAnswer(
    string Command, string Fingerprint, int Events, AnsweredStream[]? Streams = null, AnswerRecord? Rejected = null)
{
    public const string Header = "ledgerfold-answer";

    /// <summary>Names what led to the command; the events themselves name the command.</summary>
    public const string CauseHeader = "ledgerfold-cause";

    /// <summary>The category of answers without events.</summary>
    public const string Category = "$command";

    public static StoredAnswer? Of(RecordedEvent first)
    {
        foreach (var (name, text) in first.Headers)
        {
            if (name == Header)
                return Parse(text);
        }

        return null;
    }

    public string ToText() => JsonSerializer.Serialize(this, AnswerJson.Default.StoredAnswer);

    private static StoredAnswer? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AnswerJson.Default.StoredAnswer);
        }
        catch (JsonException)
        {
            return null; // somebody else's header of that name
        }
    }
}

/// <summary>One of several streams that a command wrote to.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">Its version after the last event.</param>
internal sealed record AnsweredStream(string Stream, long Version);

/// <summary>What is remembered of a command that was turned down, or for which there was nothing to do.</summary>
/// <param name="Answer"><see cref="Accepted"/> or <see cref="Rejected"/>.</param>
/// <param name="Code">Why it was turned down.</param>
/// <param name="Field">The member that was at fault.</param>
/// <param name="Message">Why, for people.</param>
internal sealed record AnswerRecord(string Answer, string? Code = null, string? Field = null, string? Message = null)
{
    public const string EventType = "CommandAnswered";
    public const string Accepted = "accepted";
    public const string Rejected = "rejected";

    public static AnswerRecord Of(Decision.Rejection rejected) => new(Rejected, rejected.Code, rejected.Field, rejected.Message);

    public CommandAnswer.Rejected AsRejected(bool repeated) => new(Code ?? "", Field, Message, repeated);
}

/// <summary>The contract of stored answers, the same as that of <see cref="EventJson.Options"/> but for members that are null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;

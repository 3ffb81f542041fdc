using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Http.Idempotency;

/// <summary>An answer as it was given, and to what.</summary>
/// <param name="Call">SHA-256 of method, path and body, in base 64.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">What the body is.</param>
/// <param name="Location">Where what was created is.</param>
/// <param name="ETag">Which version of it was answered.</param>
/// <param name="Body">The bytes of the answer.</param>
internal sealed record KeptAnswer(string Call, int Status, string? ContentType, string? Location, string? ETag, byte[] Body)
{
    /// <summary>The type and the category of what keeps it in the ledger.</summary>
    public const string EventType = "$answer";
    public const string Stream = "$answer-http";

    /// <summary>What a call asks for, short.</summary>
    public static string CallOf(string method, string path, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{method} {path}\n"));
        hash.AppendData(body);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    public static KeptAnswer Of(string call, HttpResponse response, byte[] body) => new(
        call, response.StatusCode, response.ContentType, response.Headers.Location, response.Headers.ETag, body);

    /// <summary>
    /// Whether the call was answered for good: what it asked for was done, or turned down by a decision that stands. What can be tried
    /// again is not.
    /// </summary>
    public static bool IsFinal(int status, ProblemKind? problem) => problem is not { Retryable: true }
        && status is (>= 200 and < 300) or StatusCodes.Status409Conflict or StatusCodes.Status410Gone
            or StatusCodes.Status422UnprocessableEntity;

    public static KeptAnswer Read(RecordedEvent recorded) =>
        JsonSerializer.Deserialize(recorded.Data.Span, AnswerJson.Default.KeptAnswer)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AnswerJson.Default.KeptAnswer);

    public async Task Write(HttpResponse response, CancellationToken cancel)
    {
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (Location is not null)
            response.Headers.Location = Location;
        if (ETag is not null)
            response.Headers.ETag = ETag;
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, cancel);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;

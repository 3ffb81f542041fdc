using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ledgerfold.Cli.Appending;

namespace Ledgerfold.Cli.Online;

/// <summary>
/// Appends lines to a server's ledger. A line goes as it is: an event or an array of them to the stream that was named, with what that is
/// expected to be at; a full request to where those are taken.
/// </summary>
internal sealed class ServerAppends(ServerCalls calls, string? stream, Expectation expect) : ILineAppends
{
    private static readonly string[] OfEveryProblem =
        ["type", "title", "status", "code", "detail", "instance", "traceId", "retryable", "errors"];

    public Task<LineAnswer> Append(InputLine line) =>
        line.IsTooLong ? Task.FromResult(LedgerAppends.AnswerOf(new(LedgerAppends.TooLong, []))) : Send(line.Bytes.ToArray());

    private async Task<LineAnswer> Send(byte[] line)
    {
        using var request = calls.RequestOf(
            HttpMethod.Post, $"{(stream is null || IsFull(line) ? ServerPath.Of("events") : ServerPath.Of("streams", stream, "events"))}");
        request.Content = new ByteArrayContent(line) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (expect == Expectation.NoStream)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        else
            request.Headers.IfMatch.Add(expect == Expectation.Any ? EntityTagHeaderValue.Any : new EntityTagHeaderValue($"\"{expect}\""));
        try
        {
            using var response = await calls.Send(request, CancellationToken.None);
            using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(CancellationToken.None));
            var answer = body.RootElement.Clone();
            return response.StatusCode is HttpStatusCode.Created ? Done(answer) : Refused(response, answer);
        }
        catch (Exception lost) when (lost is VerbFailedException or IOException or JsonException)
        {
            return new LineAnswer(ExitCode.Failed, json =>
            {
                json.WriteBoolean("ok", false);
                json.WriteString("code", "unreachable");
                json.WriteString("reason", lost.Message);
            });
        }
    }

    private static LineAnswer Done(JsonElement answer) => new(ExitCode.Ok, json =>
    {
        foreach (var field in answer.EnumerateObject())
            field.WriteTo(json);
    });

    /// <summary>A problem with the names that an answer has without a server.</summary>
    private static LineAnswer Refused(HttpResponseMessage response, JsonElement problem)
    {
        var code = problem.GetProperty("code").GetString()!;
        var exitCode = ServerCalls.ExitCodeOf((int)response.StatusCode);
        return new LineAnswer(exitCode is ExitCode.Conflict or ExitCode.NotAllowed ? exitCode : ExitCode.Failed, json =>
        {
            json.WriteBoolean("ok", false);
            json.WriteString("code", code);
            foreach (var field in problem.EnumerateObject().Where(static field => !OfEveryProblem.Contains(field.Name)))
                field.WriteTo(json);
            if (problem.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0)
            {
                json.WriteString("field", errors[0].GetProperty("pointer").GetString());
                json.WriteString("rule", errors[0].GetProperty("rule").GetString());
            }
            else if (problem.TryGetProperty("detail", out var detail))
            {
                json.WriteString("reason", detail.GetString());
            }
        });
    }

    /// <summary>Whether a line is a full request; one that is no JSON is nothing, and the server says so.</summary>
    private static bool IsFull(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 4_096 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("writes"u8) || reader.ValueTextEquals("condition"u8) || reader.ValueTextEquals("cursorMoves"u8))
                    return true;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }
}

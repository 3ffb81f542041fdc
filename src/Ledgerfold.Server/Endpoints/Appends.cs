using System.Globalization;
using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;
using Microsoft.Net.Http.Headers;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Takes events in: one stream with the version it is expected to have, or a whole request.</summary>
internal static class Appends
{
    private const string VersionRule = "a version such as \"17\", or *";

    /// <summary>Events for one stream; the headers say what it is expected to be at.</summary>
    public static async Task<IResult> ToStream(
        string id, HttpContext context, ILedger ledger, CloudEventWriter names, TimeProvider clock)
    {
        if (ExpectationOf(context.Request, out var refusal) is not { } expect)
            return refusal!;
        var reader = new AppendRequestReader(context.Tenant(), id, expect, () => Guid.CreateVersion7(clock.GetUtcNow()));
        var events = new CloudEventReader(context.Tenant(), names) { Stream = id, Expect = expect };
        return await Append(context, ledger, reader, events, only: id);
    }

    /// <summary>A request with writes to several streams, a condition, cursor moves.</summary>
    public static Task<IResult> Whole(HttpContext context, ILedger ledger, CloudEventWriter names, TimeProvider clock)
    {
        var reader = new AppendRequestReader(context.Tenant(), null, Expectation.Any, () => Guid.CreateVersion7(clock.GetUtcNow()));
        return Append(context, ledger, reader, new CloudEventReader(context.Tenant(), names));
    }

    private static async Task<IResult> Append(
        HttpContext context, ILedger ledger, AppendRequestReader reader, CloudEventReader events, string? only = null)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = Read(context.Request, body.GetBuffer().AsMemory(0, (int)body.Length), reader, events, out var refusal);
        if (refusal is not null)
            return refusal;
        if (only is not null && (request.Writes is not [{ Stream: { } stream }] || stream != only || request.Condition is not null
            || !request.CursorMoves.IsDefaultOrEmpty))
            return Refusal.Of("", $"an event or an array of events for {only}; a request for more goes to /api/v1/events");
        if (request.Writes.Any(static write => write.Stream.StartsWith('$')))
            return Refusal.Of("/writes", "streams that do not begin with $: those are the platform's own");
        var access = context.Access();
        if (AppendPermits.Decide(access, request) is Ruling.Denied denied)
            return new Denial(denied);
        var outcome = await ledger.Append(request, context.RequestAborted);
        if (outcome is not AppendOutcome.Appended appended)
            return AppendPermits.Explain(access, request, outcome)!;
        var answer = new AppendAnswer(appended, [.. request.Writes.SelectMany(static write => write.Events).Select(static one => one.Id)]);
        return new WrittenJson(json => AppendAnswerJson.Write(json, answer))
        {
            Status = StatusCodes.Status201Created,
            Version = only is null ? null : appended.Versions.First(one => one.Stream == only).Version,
        };
    }

    private static AppendRequest Read(
        HttpRequest request, ReadOnlyMemory<byte> body, AppendRequestReader reader, CloudEventReader events, out Refusal? refusal)
    {
        if (CloudEventBody.IsIn(request))
            return CloudEventBody.Read(request, body, events, out refusal);
        if (!request.HasJsonContentType())
        {
            refusal = new Refusal(PlatformProblems.UnsupportedMediaType.Code);
            return new AppendRequest();
        }

        refusal = reader.TryRead(body, out var append, out var broken) ? null : Refusals.Of(broken!);
        return append;
    }

    /// <summary>What the headers expect the stream to be at; null where they say nothing, or nothing that there is.</summary>
    private static Expectation? ExpectationOf(HttpRequest request, out Refusal? refusal)
    {
        refusal = null;
        var (match, noneMatch) = (request.Headers.IfMatch, request.Headers.IfNoneMatch);
        if (match.Count + noneMatch.Count == 0)
            refusal = new Refusal(PlatformProblems.PreconditionRequired.Code);
        else if (match.Count + noneMatch.Count > 1)
            refusal = Refusal.Of(HeaderNames.IfMatch, "one header, If-Match or If-None-Match");
        else if (noneMatch.Count == 1)
            return noneMatch[0] == "*" ? Expectation.NoStream : Refuse(HeaderNames.IfNoneMatch, "*", out refusal);
        else if (match[0] == "*")
            return Expectation.Any;
        else if (match[0] is ['"', .. var digits, '"']
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return version == 0 ? Expectation.NoStream : Expectation.Exactly(version);
        else
            return Refuse(HeaderNames.IfMatch, VersionRule, out refusal);
        return null;
    }

    private static Expectation? Refuse(string header, string rule, out Refusal refusal)
    {
        refusal = Refusal.Of(header, rule);
        return null;
    }
}

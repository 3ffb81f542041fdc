using System.Collections.Concurrent;
using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerfold.Http.Idempotency;

/// <summary>
/// Answers a call once: the first with a key goes on to its endpoint, those that come meanwhile wait for its answer, those that come
/// later get it from the ledger. An answer is on disk before it is given. Any thread.
/// </summary>
internal sealed class IdempotencyGate(RequestDelegate next, ILedger ledger, ProblemCatalogue problems)
{
    private const int KeyLengthMax = 255;
    private const int WaitsMax = 3;

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _running = new();

    public async Task InvokeAsync(HttpContext context)
    {
        // what only says what it would do has nothing to be done once
        if (context.GetEndpoint()?.Metadata.GetMetadata<IdempotentMark>() is null || context.IsDryRun())
        {
            await next(context);
            return;
        }

        var (name, refusal) = NameOf(context);
        if (name is null)
        {
            await refusal!.ExecuteAsync(context);
            return;
        }

        context.Features.Set(name);
        var body = await ReadBody(context);
        var call = KeptAnswer.CallOf(context.Request.Method, context.Request.Path, body);
        await Answer(context, name, call);
    }

    private async Task Answer(HttpContext context, CallName name, string call)
    {
        for (var waits = 0; ; waits++)
        {
            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = _running.GetOrAdd(name.AnswerId, mine);
            if (first == mine)
            {
                try
                {
                    await AnswerOnce(context, name, call);
                    return;
                }
                finally
                {
                    _running.TryRemove(name.AnswerId, out _);
                    mine.SetResult();
                }
            }

            if (waits == WaitsMax)
            {
                await new Refusal(PlatformProblems.InProgress.Code) { RetryAfter = TimeSpan.FromSeconds(1) }.ExecuteAsync(context);
                return;
            }

            await first.Task.WaitAsync(context.RequestAborted);
            if (await WasRepeated(context, name, call))
                return;
        }
    }

    private async Task AnswerOnce(HttpContext context, CallName name, string call)
    {
        if (await WasRepeated(context, name, call))
            return;
        var response = context.Response;
        var bytes = await Aside(context);
        var problem = context.Features.Get<Refusal>() is { } refused ? problems.Find(refused.Code) : null;
        if (KeptAnswer.IsFinal(response.StatusCode, problem) && await Keep(name, KeptAnswer.Of(call, response, bytes)) is { } refusal)
        {
            response.Clear();
            await refusal.ExecuteAsync(context);
            return;
        }

        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private async Task<bool> WasRepeated(HttpContext context, CallName name, string call)
    {
        if (await ledger.ReadById(name.Tenant, name.AnswerId, context.RequestAborted) is not { } kept)
            return false;
        await Repeat(context, kept, call);
        return true;
    }

    private static async Task Repeat(HttpContext context, RecordedEvent kept, string call)
    {
        if (kept.Erased)
        {
            await new Refusal(PlatformProblems.Erased.Code).ExecuteAsync(context);
            return;
        }

        var answer = KeptAnswer.Read(kept);
        if (answer.Call != call)
        {
            await new Refusal(PlatformProblems.KeyReused.Code).ExecuteAsync(context);
            return;
        }

        Telemetry.Replays.Add(1);
        context.Response.Headers[IdempotentCalls.ReplayedHeader] = "true";
        await answer.Write(context.Response, context.RequestAborted);
    }

    /// <summary>Not given up when the caller goes away: what was done is done, and its answer belongs to it.</summary>
    private async Task<Refusal?> Keep(CallName name, KeptAnswer answer)
    {
        var item = new NewEvent { Id = name.AnswerId, Type = KeptAnswer.EventType, Data = answer.ToJson() };
        var request = AppendRequest.To(KeptAnswer.Stream, Expectation.Any, item) with { Tenant = name.Tenant };
        return Refusals.Of(await ledger.Append(request, CancellationToken.None));
    }

    private static (CallName? Name, Refusal? Refusal) NameOf(HttpContext context)
    {
        var keys = context.Request.Headers[IdempotentCalls.KeyHeader];
        if (keys is not [{ Length: >= 1 and <= KeyLengthMax } key] || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return (null, Refusal.Of(IdempotentCalls.KeyHeader, "a header with 1 to 255 visible ASCII characters, once"));
        return (CallName.Of(context.Tenant(), context.Caller(), key), null);
    }

    private static async Task<byte[]> ReadBody(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted); // as large as the server's limit allows
        var bytes = body.ToArray();
        context.Request.Body = new MemoryStream(bytes, writable: false);
        return bytes;
    }

    /// <summary>Lets the endpoint answer, and puts what it answers aside.</summary>
    private async Task<byte[]> Aside(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var buffer = new MemoryStream();
        var aside = new StreamResponseBodyFeature(buffer);
        context.Features.Set<IHttpResponseBodyFeature>(aside);
        try
        {
            await next(context);
            await aside.CompleteAsync();
            return buffer.ToArray();
        }
        finally
        {
            context.Features.Set(target);
        }
    }
}

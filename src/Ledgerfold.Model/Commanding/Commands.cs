using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// Carries out commands: validate, authorise, look for a stored answer, load, decide, append, answer. What is answered as accepted is on
/// disk; the same id again is answered the same for ever; and a decision always rests on what the ledger held when it was written. Any
/// thread.
/// </summary>
public sealed class Commands : IAsyncDisposable
{
    private readonly CommandEngine _engine;
    private readonly FrozenDictionary<Type, Path> _paths;

    /// <summary>Commands of these modules on a ledger.</summary>
    /// <exception cref="ArgumentException">Two handlers of one command, two deciders of one category, or rules for a command that has no
    /// handler.</exception>
    public Commands(IEnumerable<Module> modules, ILedger ledger, CommandsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(modules);
        ArgumentNullException.ThrowIfNull(ledger);
        _engine = new CommandEngine(ledger, (options ?? new CommandsOptions()).Checked());
        var all = modules.ToArray();
        Module.CheckTogether(all);
        _paths = all.SelectMany(PathsOf).ToFrozenDictionary(static one => one.Key, static one => one.Value);
    }

    /// <summary>Commands of one module on a ledger.</summary>
    public Commands(Module module, ILedger ledger, CommandsOptions? options = null)
        : this([module], ledger, options)
    {
    }

    /// <summary>Ends when all snapshots that are due so far are written or have failed.</summary>
    public Task SnapshotsWritten => _engine.Snapshots?.Written ?? Task.CompletedTask;

    internal CommandEngine Engine => _engine;

    /// <summary>
    /// Carries out a command. Cancelling gives it up while it waits for its turn; once it is being decided together with others, it is
    /// answered.
    /// </summary>
    /// <exception cref="InvalidOperationException">No module has a handler for it.</exception>
    public async Task<CommandAnswer> Send(object command, CommandOrigin? origin = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancel.ThrowIfCancellationRequested();
        origin ??= new CommandOrigin();
        if (!_paths.TryGetValue(command.GetType(), out var path))
            throw new InvalidOperationException($"No module has a handler for {command.GetType()}.");
        if (Check(origin) is { } invalid)
            return invalid;
        var started = _engine.Options.Clock.GetTimestamp();
        using var activity = Telemetry.Source.StartActivity(path.Name, ActivityKind.Internal, origin.TraceParent);
        var context = new CommandContext(
            command,
            origin.Id ?? RandomId.Draw(_engine.Options.Chance),
            origin,
            _engine.Options.Clock.GetUtcNow(),
            activity?.Id ?? origin.TraceParent ?? Telemetry.CurrentTraceParent);
        var kind = "failed"; // the decision or the ledger threw
        try
        {
            var answer = await path.First(context, cancel);
            kind = answer.Kind;
            if (answer is CommandAnswer.Accepted { Repeated: true } or CommandAnswer.Rejected { Repeated: true })
                Telemetry.CommandRepeats.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.Command, path.Name));
            return answer;
        }
        catch (OperationCanceledException)
        {
            kind = "cancelled";
            throw;
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        finally
        {
            var named = new KeyValuePair<string, object?>(TelemetryNames.Attributes.Command, path.Name);
            var answered = new KeyValuePair<string, object?>(TelemetryNames.Attributes.Answer, kind);
            Telemetry.Commands.Add(1, named, answered);
            Telemetry.CommandDuration.Record(_engine.Options.Clock.GetElapsedTime(started).TotalSeconds, named, answered);
            activity?.SetTag(TelemetryNames.Attributes.Tenant, origin.Tenant).SetTag(TelemetryNames.Attributes.Answer, kind);
        }
    }

    /// <summary>Waits for what is still being written in the background; the ledger stays open.</summary>
    public async ValueTask DisposeAsync() => await SnapshotsWritten;

    private static CommandAnswer.Invalid? Check(CommandOrigin origin)
    {
        const string Rule = "1 to 512 bytes of UTF-8 without control characters";
        if (origin.Id == Guid.Empty)
            return new("id", "a UUID that is not all zeros");
        if (!Limits.IsName(origin.Tenant))
            return new("tenant", Rule);
        if (origin.Caller.Length > 0 && !Limits.IsName(origin.Caller))
            return new("caller", "at most 512 bytes of UTF-8 without control characters");
        if (origin.Actor is not null && !Limits.IsName(origin.Actor))
            return new("actor", Rule);
        if (origin.CorrelationId is not null && !Limits.IsTag(Tags.OfCorrelation(origin.CorrelationId)))
            return new("correlationId", "1 to 500 bytes of UTF-8 without control characters");
        if (origin.CausationId is not null && !Limits.IsName(origin.CausationId))
            return new("causationId", Rule);
        return origin.TraceParent is not null && !Limits.IsName(origin.TraceParent) ? new("traceParent", Rule) : null;
    }

    private IEnumerable<KeyValuePair<Type, Path>> PathsOf(Module module)
    {
        var codec = new EventCodec(module.EventTypes);
        foreach (var route in module.Routes)
        {
            var json = EventJson.CommandOptions.GetTypeInfo(route.Command);
            var name = module.NameOf(route.Command);
            var handle = route.Bind(_engine, codec);
            var rules = module.Rules.GetValueOrDefault(route.Command) ?? new CommandRules();
            CommandStep last = (context, cancel) => rules.Check(context) is { } broken
                ? Task.FromResult(broken)
                : handle(new PendingCommand(context, name, codec, json), cancel);
            var first = _engine.Options.Middleware.AddRange(module.Middleware).Reverse().Aggregate(last, static (next, around) =>
                (context, cancel) => around(context, next, cancel));
            yield return new(route.Command, new Path(name, first));
        }
    }

    private sealed record Path(string Name, CommandStep First);
}

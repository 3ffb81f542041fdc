using System.Security.Claims;

namespace Ledgerfold.Model.Commanding;

/// <summary>A command on its way, with all that a pure decision may ask about it. It stays the same over all tries.</summary>
public sealed class CommandContext
{
    private readonly CommandOrigin _origin;

    internal CommandContext(object command, Guid id, CommandOrigin origin, DateTimeOffset at, string? traceParent)
    {
        Command = command;
        Id = id;
        At = at;
        TraceParent = traceParent;
        CorrelationId = origin.CorrelationId ?? id.ToString();
        _origin = origin;
    }

    /// <summary>The command.</summary>
    public object Command { get; }

    /// <summary>Its id: the caller's, or one drawn for it.</summary>
    public Guid Id { get; }

    /// <summary>When it arrived: the time that a decision goes by.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Who gave the id.</summary>
    public string Caller => _origin.Caller;

    /// <summary>Whether the sender gave the id, so that the command can come again.</summary>
    public bool IsRepeatable => _origin.Id is not null;

    /// <summary>Whose events it is about.</summary>
    public string Tenant => _origin.Tenant;

    /// <summary>Names the conversation.</summary>
    public string CorrelationId { get; }

    /// <summary>Names the event that led to it.</summary>
    public string? CausationId => _origin.CausationId;

    /// <summary>Who or what wants it.</summary>
    public string? Actor => _origin.Actor;

    /// <summary>Who wants it, as authentication saw them.</summary>
    public ClaimsPrincipal? Principal => _origin.Principal;

    /// <summary>The W3C trace parent that its events carry.</summary>
    public string? TraceParent { get; }
}

/// <summary>One step on a command's way to its answer.</summary>
public delegate Task<CommandAnswer> CommandStep(CommandContext context, CancellationToken cancel);

/// <summary>What stands around the way of every command: it may look, wait, answer itself, or hand on to the next step.</summary>
public delegate Task<CommandAnswer> CommandMiddleware(CommandContext context, CommandStep next, CancellationToken cancel);

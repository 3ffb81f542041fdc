using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// A kind of long work: what it is called, what it may not run beside, and how it is done. It runs in the background of one engine at a
/// time, goes on behind its last checkpoint after a restart, and ends with a result, an error, or because somebody cancelled it.
/// </summary>
public abstract record Operation
{
    /// <summary>The longest name of a kind.</summary>
    public const int NameLengthMax = 64;

    private protected Operation(string name, Type request)
    {
        if (!Limits.IsFold(name) || name.StartsWith('$') || name.Length > NameLengthMax)
            throw new ArgumentException($"'{name}' names no operation: a letter, then letters, digits, '_', '.' and '-'.", nameof(name));
        (Name, Request) = (name, request);
    }

    /// <summary>What it is called for ever.</summary>
    public string Name { get; }

    /// <summary>The type of what it asks for; no other kind of an engine has the same.</summary>
    public Type Request { get; }

    internal abstract string? SubjectOf(object request);

    internal abstract Task<object?> RunIt(JsonElement request, OperationContext context);
}

/// <summary>A kind of long work, by what it asks for.</summary>
/// <typeparam name="TRequest">What it asks for; kept as JSON.</typeparam>
public sealed record Operation<TRequest> : Operation
    where TRequest : notnull
{
    /// <summary>A kind of this name.</summary>
    public Operation(string name)
        : base(name, typeof(TRequest))
    {
    }

    /// <summary>
    /// What it works on, such as <c>fold:orders</c>: of all that name the same subject, whatever their kind, one is open at a time, and
    /// another is refused meanwhile. Null, or no function, lets it run beside anything.
    /// </summary>
    public Func<TRequest, string?>? Subject { get; init; }

    /// <summary>
    /// Does it, and answers with the result, kept as JSON. It asks the context for the checkpoint it goes on from, saves its progress now
    /// and then, and heeds <see cref="OperationContext.Cancel"/>. What it throws ends it as failed, and it is not tried again; what it did
    /// since its last checkpoint may be done twice.
    /// </summary>
    public required Func<TRequest, OperationContext, Task<object?>> Run { get; init; }

    internal override string? SubjectOf(object request) => Subject?.Invoke((TRequest)request);

    internal override Task<object?> RunIt(JsonElement request, OperationContext context) =>
        Run(request.Deserialize<TRequest>(EventJson.Options)!, context);
}

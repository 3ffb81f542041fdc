namespace Ledgerfold.Http.Problems;

/// <summary>A kind of refusal: programs tell it by its code, for ever; people read the page that explains it.</summary>
/// <param name="Code">Stable: kebab-case for the platform, UPPER_SNAKE for a business.</param>
/// <param name="Status">The HTTP status it is answered with.</param>
/// <param name="Title">What happened, in a few words that never change with the call.</param>
public sealed record ProblemKind(string Code, int Status, string Title)
{
    /// <summary>When it is answered, and what the caller can do: the text of its page.</summary>
    public required string Meaning { get; init; }

    /// <summary>Whether the same call may succeed later without anything being changed in it.</summary>
    public bool Retryable { get; init; }

    /// <summary>Where its page is, on every server.</summary>
    public string Page => $"/problems/{Code}";
}

/// <summary>What is wrong with one part of what was sent.</summary>
/// <param name="Pointer">Which part: a JSON pointer (RFC 6901) into the body, or the name of a parameter or header.</param>
/// <param name="Rule">What must hold there.</param>
public sealed record FieldError(string Pointer, string Rule);

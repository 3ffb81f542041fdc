namespace Ledgerfold.Architecture.Tests.Samples;

public abstract record Outcome
{
    public abstract string Code { get; }

    public required IReadOnlyList<string?> Names { get; init; }
}

public sealed record Chosen<T>(T Value) : Outcome
    where T : struct
{
    public override string Code => "chosen";

    internal static int Hidden => 1;
}

public readonly record struct Point(int X, long? Y = null);

public enum Speed : byte
{
    Slow,
    Fast,
}

public static class Tools
{
    public const int Most = 7;

    public static ValueTask<Outcome?> Find(this string? name, params int[] numbers) =>
        throw new NotSupportedException(name + numbers.Length);

    public static bool TryRead<T>(in Point point, out T value)
        where T : class, IDisposable, new()
    {
        value = new T();
        return point.X > 0;
    }
}

namespace Ledgerfold.Architecture.Tests;

public sealed class The_size_of_things
{
    private static IEnumerable<SourceFile> Files =>
        Repository.TextFiles.Where(file => file.Extension == ".cs" || file.Text.StartsWith("#!", StringComparison.Ordinal));

    [Fact]
    public void Rings_no_alarm() => Finding.None(SizeAlarms.Check(Files));

    [Fact]
    public void Has_no_exception_that_is_not_needed_any_more() => Assert.Empty(SizeAlarms.Stale(Files));

    [Fact]
    public void Has_a_reason_for_every_exception() =>
        Assert.All(SizeAlarms.Accepted.Values, reason => Assert.True(reason.Length > 20, reason));

    [Fact]
    public void Rings_for_a_file_that_is_too_long() =>
        Assert.Contains("501 lines", Alarm(string.Concat(Enumerable.Repeat("// line\n", 501))));

    [Fact]
    public void Rings_for_a_line_that_is_too_wide() => Assert.Contains("141 columns", Alarm(new string('x', 141)));

    [Theory]
    [InlineData("public int Long()\n{", "}")]
    [InlineData("public int Long(string text = \"{\") where T : class\n{", "}")]
    [InlineData("public int Long() =>\nthing switch {", "};")]
    [InlineData("public Large()\n: base(new[] { 1 })\n{", "}")]
    [InlineData("public int Long\n{ get {", "} }")]
    [InlineData("public static bool operator ==(Large one, Large other)\n{", "}")]
    public void Rings_for_a_member_that_is_too_long(string head, string tail) =>
        Assert.Contains("lines, at most 70", Alarm(WithMember(head, tail)));

    [Theory]
    [InlineData("private static readonly Dictionary<string, int> Table = new()\n{", "};")]
    [InlineData("public static IReadOnlyList<int> Table { get; } =\n[", "];")]
    public void Stays_silent_for_a_table(string head, string tail) =>
        Assert.Empty(SizeAlarms.Check([new SourceFile("src/Sample.cs", WithMember(head, tail))]));

    [Theory]
    [InlineData("class Wide(int a, Func<int, int> b, (int, int) c, int[,] d, int e, int f, int g);")]
    [InlineData("class Wide<T>(int a, int b, int c, int d, int e, int f, T g) { }")]
    [InlineData("struct Wide { int _x; public Wide(int a, int b, int c, int d, int e, int f, int g) { } }")]
    public void Rings_for_a_constructor_with_too_many_parameters(string text) => Assert.Contains("7 parameters", Alarm(text));

    [Theory]
    [InlineData("class Narrow(Func<int, int, int, int> a, (int, int, int, int) b);")]
    [InlineData("record Data(int A, int B, int C, int D, int E, int F, int G);")]
    [InlineData("class Caller { void Call(int a, int b, int c, int d, int e, int f, int g) { } }")]
    [InlineData("class Raw { string _s = $$\"\"\"\n{ \" {{Call(\"}\")}} \"\"\"; int A() => 1; int B() { return 2; } }")]
    public void Stays_silent_otherwise(string text) => Assert.Empty(SizeAlarms.Check([new SourceFile("src/Sample.cs", text)]));

    [Fact]
    public void Is_measured_member_by_member()
    {
        const string Text = """
            namespace N
            {
                /// <summary>{</summary>
                [Obsolete("}")]
                internal sealed class Outer : Base
                {
                    public int Value { get; init; } = Of(() => { return 1; });

                    private enum Kind { A, B }

                    internal struct Inner
                    {
                        public override string ToString() => $"{Value:x} }} {(Value > 1 ? "a" : "{")}";
                    }

                    public void Do()
                    {
                        if (x) { y(); }
                    }
                }
            }
            """;

        var members = CodeMembers.Of(CodeText.Blank(Text));

        Assert.Equal(
            ["Outer 5-20", "- 7-7", "Kind 9-9", "Inner 11-14", "- 13-13", "- 16-19"],
            members.Select(member => $"{member.TypeName ?? "-"} {member.FirstLine}-{member.LastLine}"));
    }

    private static string WithMember(string head, string tail)
    {
        var body = string.Concat(Enumerable.Repeat("    // a brace in a comment: {\n    Say($\"{\"}\"}\", '{', @\"\\\");\n", 36));
        return $"namespace N;\n\npublic class Large\n{{\n    int _small = 1;\n    {head}\n{body}{tail}\n    int Small() => 2;\n}}\n";
    }

    private static string Alarm(string text) => Assert.Single(SizeAlarms.Check([new SourceFile("src/Sample.cs", text)])).Message;
}

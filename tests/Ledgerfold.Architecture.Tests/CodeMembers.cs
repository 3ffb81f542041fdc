using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>A member of a type: the text before its body, and the lines it covers, its documentation and attributes left out.</summary>
/// <param name="Header">Everything before the body or the value.</param>
/// <param name="FirstLine">Where the header begins, from 1.</param>
/// <param name="LastLine">Where the body ends.</param>
/// <param name="TypeName">Its name, if it is a type.</param>
/// <param name="IsValue">Whether it only names a value, such as a table.</param>
internal sealed record CodeMember(string Header, int FirstLine, int LastLine, string? TypeName, bool IsValue)
{
    public int Lines => LastLine - FirstLine + 1;

    public bool IsType => TypeName is not null;
}

/// <summary>Finds types and their members in blanked code (<see cref="CodeText"/>), by braces and semicolons alone.</summary>
internal sealed partial class CodeMembers
{
    private readonly string _code;
    private readonly List<CodeMember> _found = [];
    private int _at;

    private CodeMembers(string code) => _code = code;

    public static IReadOnlyList<CodeMember> Of(string blankedCode)
    {
        var members = new CodeMembers(blankedCode);
        while (members._at < blankedCode.Length)
            members.ReadBody();
        return members._found;
    }

    /// <summary>Reads members up to the brace that closes the body they stand in.</summary>
    private void ReadBody()
    {
        while (SkipBlanksAndAttributes() && _code[_at] != '}')
            ReadMember();
        _at++;
    }

    private bool SkipBlanksAndAttributes()
    {
        while (_at < _code.Length && (char.IsWhiteSpace(_code[_at]) || _code[_at] == '['))
        {
            if (_code[_at] == '[')
                SkipNested();
            else
                _at++;
        }

        return _at < _code.Length;
    }

    /// <summary>Skips what stands between a bracket of any kind and the one that closes it.</summary>
    private void SkipNested()
    {
        var depth = 0;
        do
        {
            depth += _code[_at++] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
        }
        while (depth > 0 && _at < _code.Length);
    }

    private void ReadMember()
    {
        var start = _at;
        var headerEnd = -1; // where the body or the value begins
        var isValue = false;
        while (_at < _code.Length)
        {
            var character = _code[_at];
            if (character == ';')
            {
                Found(start, headerEnd < 0 ? _at : headerEnd, isValue);
                _at++;
                return;
            }

            if (character == '}')
                return;
            if (character == '=' && headerEnd < 0 && !IsOperator(start))
            {
                headerEnd = _at;
                isValue = _code[_at + 1] != '>';
            }

            if (character == '{' && headerEnd < 0)
            {
                headerEnd = _at;
                if (ReadBlock(start))
                    return;
                isValue = true;
                continue;
            }

            if (character is '(' or '[' or '{')
                SkipNested();
            else
                _at++;
        }
    }

    /// <summary>Reads the block of a type, method or property; false where an initial value follows it.</summary>
    private bool ReadBlock(int start)
    {
        var header = _code[start.._at];
        if (TransparentHeader().IsMatch(header))
        {
            _at++;
            ReadBody();
            return true;
        }

        var opened = _at;
        var type = TypeHeader().Match(header);
        if (type.Success && type.Groups["kind"].Value != "enum")
        {
            var index = _found.Count;
            _at++;
            ReadBody();
            _found.Insert(index, Member(start, opened, type.Groups["name"].Value, isValue: false));
            return true;
        }

        SkipNested();
        var next = _at;
        while (next < _code.Length && char.IsWhiteSpace(_code[next]))
            next++;
        if (next < _code.Length && _code[next] == '=')
            return false;
        Found(start, opened, isValue: false);
        return true;
    }

    private bool IsOperator(int start) => OperatorHeader().IsMatch(_code[start.._at]);

    private void Found(int start, int headerEnd, bool isValue)
    {
        var type = TypeHeader().Match(_code[start..headerEnd]);
        _found.Add(Member(start, headerEnd, type.Success ? type.Groups["name"].Value : null, isValue));
    }

    private CodeMember Member(int start, int headerEnd, string? typeName, bool isValue) =>
        new(_code[start..headerEnd].Trim(), LineAt(start), LineAt(Math.Min(_at, _code.Length) - 1), typeName, isValue);

    private int LineAt(int index) => _code.AsSpan(0, Math.Max(index, 0)).Count('\n') + 1;

    [GeneratedRegex(@"^\s*(namespace\b|extension\s*[<(])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TransparentHeader();

    [GeneratedRegex(
        @"^[\w\s]*\b(?<kind>class|struct|interface|enum|record)\s+((class|struct)\s+)?(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"\boperator\s*(checked\s+)?[=<>!]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OperatorHeader();
}

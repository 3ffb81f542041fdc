using System.Text.Json;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Writes events for a reader: whole where he may read what they say, else without it. One thread.</summary>
internal sealed class PayloadView(Access access)
{
    private (string Tenant, string Category, bool MayRead) _last = ("", "", false);

    public void Write(Utf8JsonWriter json, RecordedEvent recorded)
    {
        if (MayRead(recorded.Tenant, recorded.Stream))
            RecordedEventJson.Write(json, recorded);
        else
            RecordedEventJson.WriteWithheld(json, recorded);
    }

    /// <summary>The same as a CloudEvent.</summary>
    public void Write(Utf8JsonWriter json, RecordedEvent recorded, CloudEventWriter writer)
    {
        if (MayRead(recorded.Tenant, recorded.Stream))
            writer.Write(json, recorded);
        else
            writer.WriteWithheld(json, recorded);
    }

    private bool MayRead(string tenant, string stream)
    {
        // events of one category mostly stand together
        if (_last.Tenant != tenant || !StreamNames.IsOfCategory(stream, _last.Category))
        {
            var category = StreamNames.CategoryOf(stream).ToString();
            _last = (tenant, category, access.Decide(Right.ReadPayload, tenant, category) is Ruling.Allowed);
        }

        return _last.MayRead;
    }
}

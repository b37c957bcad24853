"""Filling in the admin's forms as a browser does: everything as it stands, then the changes."""


def fields_of(response):
    """The values that the form on a page would send."""
    form = response.context["adminform"].form
    values = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        prepared = field.prepare_value(value)
        widget = field.widget
        if hasattr(widget, "decompress"):
            for place, part in enumerate(widget.decompress(prepared)):
                values[f"{name}_{place}"] = "" if part is None else str(part)
        elif isinstance(prepared, bool):
            values.update({name: "on"} if prepared else {})
        elif isinstance(prepared, list | tuple):
            values[name] = [str(part) for part in prepared]
        else:
            values[name] = "" if prepared is None else str(prepared)
    return values


def send(client, address, **changes):
    """GET the form, POST it with changes (None leaves a field out)."""
    page = client.get(address)
    assert page.status_code == 200, page
    values = {**fields_of(page), **changes}
    return client.post(address, {name: value for name, value in values.items() if value is not None})


def errors_of(response):
    """What the form says is wrong, by field."""
    return {name: list(said) for name, said in response.context["adminform"].form.errors.items()}

from django import forms


class AddressFields(forms.Form):
    """Street, postcode and commune: a form that asks for an address inherits these three fields."""

    street = forms.CharField(
        label="Rue et numéro",
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = forms.RegexField(
        r"^\d{5}$",
        label="Code postal",
        required=False,
        error_messages={"invalid": "Un code postal a cinq chiffres."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code", "maxlength": 5}),
    )
    city = forms.CharField(
        label="Commune",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )

"""Small files written where they are used."""

PEOPLE = "mrn,family_name,given_name,sex,birth_date\nN-1,Ito,Mai,F,1970-05-01\nN-2,Berg,,M,1980-01-31\n"
LABS_HEADER = "mrn,collected_at,test,value,unit,ref_low,ref_high"


def labs(*rows: str, header: str = LABS_HEADER) -> bytes:
    return ("\n".join((header, *rows)) + "\n").encode()


def outcomes(upload) -> list[str]:
    return list(upload.rows.order_by("id").values_list("outcome", flat=True))


def reasons(upload) -> list[str]:
    return [row.reason for row in upload.rows.order_by("id")]

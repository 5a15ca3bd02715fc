"""Exports of HubSpot: contacts, companies, deals; English, German, Spanish, French."""

from comity.exchange.imports.programs import form

_OWNED = """
@created_at: Create Date | Created Date | Erstellungsdatum | Erstelldatum | Fecha de creación | Date de création
-: Last Modified Date | Last Activity Date | Datum der letzten Änderung | Datum der letzten Aktivität
-: Fecha de la última modificación | Fecha de la última actividad | Date de la dernière modification
"""
CONTACT = form("hubspot", "person", f"""
{_OWNED.strip()}
@id: Record ID | Contact ID | Record ID - Contact | Datensatz-ID | ID de registro | ID de fiche d’informations
given_name: First Name | Vorname | Nombre | Prénom
family_name: Last Name | Nachname | Apellidos | Nom de famille
emails.work: Email | E-Mail | Correo | Correo electrónico | E-mail
emails.work: Work email | Geschäftliche E-Mail-Adresse
phones.work: Phone Number | Telefonnummer | Número de teléfono | Numéro de téléphone
phones.mobile: Mobile Phone Number | Mobiltelefonnummer | Número de teléfono móvil | Numéro de téléphone mobile
owner: Contact owner | Contact Owner | Zuständiger Mitarbeiter | Kontakt-Inhaber | Propietario del contacto
owner: Propriétaire du contact
@note.lifecycle: Lifecycle Stage | Lifecycle-Phase | Etapa del ciclo de vida | Phase du cycle de vie
@note.status: Lead Status | Lead-Status | Estado del lead | Statut du lead
company.name: Company Name | Unternehmensname | Nombre de la empresa | Nom de l’entreprise
company.name: Associated Company | Primary Associated Company | Associated Company (Primary) | Zugeordnetes Unternehmen
company.name: Empresa asociada
company.@id: Associated Company ID | Associated Company IDs | Primary Associated Company ID
company.@id: Zugeordnete Unternehmens-ID | ID de la empresa asociada
position: Job Title | Berufsbezeichnung | Tätigkeitsbezeichnung | Cargo | Intitulé du poste
address.city: City | Ort | Stadt | Ciudad | Ville
address.country: Country/Region | Country | Land/Region | País/región | Pays/région
address.street: Street Address | Straße und Hausnummer | Dirección | Adresse postale
address.region: State/Region | Bundesland/Region | Estado/región | Région
address.postcode: Postal Code | Postleitzahl | Código postal | Code postal
@note.site: Website URL | Website-URL | URL del sitio web
-: Marketing contact status | Associated Deal | Associated Deal IDs | Associated Note
""")  # fmt: skip
COMPANY = form("hubspot", "company", f"""
{_OWNED.strip()}
@id: Record ID | Company ID | Record ID - Company | Datensatz-ID | ID de registro
name: Company name | Unternehmensname | Nombre de la empresa | Nom de l’entreprise | Name
website: Company Domain Name | Website URL | Unternehmensdomain-Name | Nombre de dominio de la empresa
owner: Company owner | Company Owner | Unternehmens-Inhaber | Propietario de la empresa
phones.work: Phone Number | Telefonnummer | Número de teléfono
actual_address.city: City | Ort | Stadt | Ciudad
actual_address.country: Country/Region | Land/Region | País/región
actual_address.street: Street Address | Straße und Hausnummer | Dirección
actual_address.postcode: Postal Code | Postleitzahl | Código postal
employees: Number of Employees | Anzahl der Mitarbeiter | Número de empleados
turnover: Annual Revenue | Jahresumsatz | Ingresos anuales
@note.industry: Industry | Branche | Sector
""")  # fmt: skip
DEAL = form("hubspot", "deal", f"""
{_OWNED.strip()}
@id: Record ID | Deal ID | Record ID - Deal | Datensatz-ID | ID de registro | ID de fiche d’informations
name: Deal Name | Deal-Name | Dealname | Nombre del negocio | Nom de la transaction
stage: Deal Stage | Deal-Phase | Dealphase | Etapa del negocio | Phase de la transaction
pipeline: Pipeline | Pipeline de negocios
amount: Amount | Betrag | Valor | Monto | Importe | Montant
amount.@currency: Currency | Währung | Moneda | Devise
@closed_at: Close Date | Closed Date | Abschlussdatum | Fecha de cierre | Date de fermeture
owner: Deal owner | Deal Owner | Deal-Inhaber | Zuständiger Mitarbeiter für Deal | Propietario del negocio
owner: Propriétaire de la transaction
person.@id: Associated Contact IDs | Associated Contact ID | Zugeordnete Kontakt-IDs | ID de contactos asociados
company.@id: Associated Company IDs | Associated Company ID | Zugeordnete Unternehmens-IDs | ID de empresas asociadas
person.@name: Associated Contact | Zugeordneter Kontakt | Contacto asociado
company.name: Associated Company | Associated Company (Primary) | Zugeordnetes Unternehmen | Empresa asociada
@note: Deal Description | Deal-Beschreibung | Descripción del negocio
@note.kind: Deal Type | Deal-Typ | Tipo de negocio
""")  # fmt: skip
FORMS = (CONTACT, COMPANY, DEAL)

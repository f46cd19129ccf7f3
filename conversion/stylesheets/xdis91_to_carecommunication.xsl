<?xml version="1.0" encoding="UTF-8"?>
<!--
  XDIS91 (OIOXML, 2006/07/01) and the XBIN01s with its attachments to CareCommunication 5.0, 4.0 and 3.0.

  The BinaryLetter of each XBIN01 stands behind the ClinicalEmail in the same Emessage. Where its base64 was, there is a
  short token; in what is made, the base64 takes its place again. Only objects that the letter refers to are there, and
  identifiers of objects are written alike in both, in small letters without hyphens.

  Sources: MedCom's mapping table v5.0.0 (January 2026) and the use cases of its conversion service 3.1.0; profiles of
  CareCommunication 5.0.2, messaging 4.0.2 and core 3.0.1. An element with row:id carries that row of the table.
  Every resource has a narrative with its id and each element that its profile wants there (SHALL:in-narrative).
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:row="urn:vansim:row"
                xmlns:o="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
                xmlns="http://hl7.org/fhir"
                exclude-result-prefixes="o row">

  <xsl:output method="xml" encoding="UTF-8"/>

  <!-- Objects by identifier. XBIN01 has a namespace of its own, or two. -->
  <xsl:key name="object" match="*[local-name() = 'BinaryObject']" use="string(*[local-name() = 'ObjectIdentifier'])"/>

  <!-- New identifiers: UUIDs. -->
  <xsl:param name="bundle-id"/>
  <xsl:param name="header-id"/>
  <xsl:param name="communication-id"/>
  <xsl:param name="patient-id"/>
  <xsl:param name="encounter-id"/>
  <xsl:param name="sender-id"/>
  <xsl:param name="receiver-id"/>
  <xsl:param name="role-id"/>
  <xsl:param name="practitioner-id"/>
  <xsl:param name="provenance-id"/>
  <xsl:param name="thread-id"/>
  <xsl:param name="text-id"/>
  <!-- One UUID of 36 characters for each Reference that is a link or an attachment, without anything between them. -->
  <xsl:param name="reference-ids"/>

  <!-- What the letter says, in FHIR's way of writing it. -->
  <xsl:param name="sent"/>
  <xsl:param name="authorised"/>
  <xsl:param name="text"/>
  <xsl:param name="episode-of-care"/>

  <!-- What the directory says. -->
  <xsl:param name="sender-sor"/>
  <xsl:param name="receiver-sor"/>
  <xsl:param name="directory-name"/>
  <xsl:param name="directory-telephone"/>

  <!-- The type of each ObjectExtensionCode: |pdf=application/pdf|png=image/png|... -->
  <xsl:param name="types"/>

  <!-- The version that is made: 5.0, 4.0 or 3.0. -->
  <xsl:param name="version" select="'5.0'"/>

  <!-- Settings. -->
  <xsl:param name="name-separator"/>
  <xsl:param name="empty-text"/>

  <xsl:variable name="letter" select="/o:Emessage/o:ClinicalEmail"/>
  <xsl:variable name="sender" select="$letter/o:Sender"/>
  <xsl:variable name="receiver" select="$letter/o:Receiver"/>
  <xsl:variable name="patient" select="$letter/o:Patient"/>
  <xsl:variable name="references" select="$letter/o:Reference[o:URL or o:BIN]"/>
  <xsl:variable name="status-code" select="string($patient/o:EpisodeOfCareStatusCode)"/>

  <xsl:variable name="medcom" select="'http://medcomfhir.dk/ig/'"/>
  <xsl:variable name="core" select="concat($medcom, 'core/StructureDefinition/medcom-core-')"/>
  <xsl:variable name="care" select="concat($medcom, 'carecommunication/StructureDefinition/medcom-careCommunication-')"/>
  <xsl:variable name="codes" select="concat($medcom, 'terminology/CodeSystem/medcom-')"/>
  <xsl:variable name="sor-page" select="'https://sor2.sum.dsdn.dk/#id='"/>

  <!-- Letters that came by EDIFACT have "_" where a name is missing. -->
  <xsl:variable name="sender-name">
    <xsl:choose>
      <xsl:when test="translate(normalize-space($sender/o:OrganisationName), '_', '') != ''" row:id="XC-sender-organisation">
        <xsl:value-of select="$sender/o:OrganisationName"/>
      </xsl:when>
      <xsl:when test="true()" row:id="XC-directory-name"><xsl:value-of select="$directory-name"/></xsl:when>
    </xsl:choose>
    <xsl:if test="translate(normalize-space($sender/o:DepartmentName), '_', '') != ''" row:id="XC-sender-department">
      <xsl:value-of select="concat($name-separator, $sender/o:DepartmentName)"/>
    </xsl:if>
    <xsl:if test="translate(normalize-space($sender/o:UnitName), '_', '') != ''" row:id="XC-sender-unit">
      <xsl:value-of select="concat($name-separator, $sender/o:UnitName)"/>
    </xsl:if>
  </xsl:variable>

  <!-- A contact without any digit or hyphen is none that FHIR takes (medcom-core-contact). -->
  <xsl:variable name="telephone">
    <xsl:choose>
      <xsl:when test="translate($sender/o:TelephoneSubscriberIdentifier, '0123456789-', '') != string($sender/o:TelephoneSubscriberIdentifier)"
                row:id="XC-sender-telephone">
        <xsl:value-of select="$sender/o:TelephoneSubscriberIdentifier"/>
      </xsl:when>
      <xsl:when test="translate($directory-telephone, '0123456789-', '') != $directory-telephone" row:id="XC-directory-telephone">
        <xsl:value-of select="$directory-telephone"/>
      </xsl:when>
      <xsl:otherwise row:id="XC-no-telephone">0000 0000</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:variable name="subject" select="$letter/o:AdditionalInformation/o:Subject"/>
  <xsl:variable name="topic">
    <xsl:if test="normalize-space($subject) != ''" row:id="XC-subject"><xsl:value-of select="$subject"/></xsl:if>
    <xsl:if test="normalize-space($subject) = ''" row:id="XC-no-subject">Ukendt emne</xsl:if>
  </xsl:variable>

  <xsl:variable name="content">
    <xsl:if test="$letter/o:AdditionalInformation/o:Priority = 'høj_prioritet'" row:id="XC-priority">
      <xsl:text>Denne meddelelse har høj prioritet. </xsl:text>
    </xsl:if>
    <xsl:if test="normalize-space($text) != ''" row:id="XC-text"><xsl:value-of select="$text"/></xsl:if>
    <xsl:if test="normalize-space($text) = ''" row:id="XC-no-text"><xsl:value-of select="$empty-text"/></xsl:if>
    <xsl:for-each select="$letter/o:Reference[o:SUP]" row:id="XC-supplement">
      <xsl:value-of select="concat('&#10;Supplerende materiale sendes særskilt: ', normalize-space(o:RefDescription))"/>
    </xsl:for-each>
  </xsl:variable>

  <xsl:variable name="class">
    <xsl:choose>
      <xsl:when test="$status-code = 'indlagt'">IMP</xsl:when>
      <xsl:when test="$status-code = 'ambulant' or $status-code = 'ambulant_roentgen'">AMB</xsl:when>
      <xsl:otherwise>other</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:variable name="status">
    <xsl:choose>
      <xsl:when test="$class != 'other'">in-progress</xsl:when>
      <xsl:when test="$status-code = 'doed'">finished</xsl:when>
      <xsl:otherwise>unknown</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:variable name="patient-system">
    <xsl:choose>
      <xsl:when test="$patient/o:CivilRegistrationNumber" row:id="XC-patient-cpr">urn:oid:1.2.208.176.1.2</xsl:when>
      <xsl:when test="substring($patient/o:AlternativeIdentifier, 7, 1) = '1' or substring($patient/o:AlternativeIdentifier, 7, 1) = '7'"
                row:id="XC-patient-replacement">urn:oid:1.2.208.176.1.6.1.1</xsl:when>
      <xsl:otherwise row:id="XC-patient-replacement">urn:oid:1.2.208.176.1.6.1.3</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:template match="/">
    <Bundle>
      <id value="{$bundle-id}" row:id="XC-envelope-id"/>
      <meta><profile value="{$care}message"/></meta>
      <type value="message" row:id="XC-bundle-type"/>
      <timestamp value="{$sent}" row:id="XC-sent"/>
      <xsl:call-template name="header"/>
      <xsl:call-template name="communication"/>
      <xsl:call-template name="patient"/>
      <xsl:if test="$episode-of-care != ''" row:id="XC-episode-of-care"><xsl:call-template name="encounter"/></xsl:if>
      <xsl:call-template name="organisation">
        <xsl:with-param name="party" select="$sender"/>
        <xsl:with-param name="id" select="$sender-id"/>
        <xsl:with-param name="sor" select="$sender-sor"/>
        <xsl:with-param name="name" select="$sender-name"/>
      </xsl:call-template>
      <xsl:call-template name="organisation">
        <xsl:with-param name="party" select="$receiver"/>
        <xsl:with-param name="id" select="$receiver-id"/>
        <xsl:with-param name="sor" select="$receiver-sor"/>
        <xsl:with-param name="name" select="string($receiver/o:OrganisationName[. != '_'])" row:id="XC-receiver-organisation"/>
      </xsl:call-template>
      <xsl:call-template name="role"/>
      <xsl:call-template name="practitioner"/>
      <xsl:call-template name="provenance"/>
    </Bundle>
  </xsl:template>

  <xsl:template name="header">
    <entry>
      <fullUrl value="{$medcom}carecommunication/MessageHeader/{$header-id}"/>
      <resource>
        <MessageHeader>
          <id value="{$header-id}" row:id="XC-letter-id"/>
          <meta><profile value="{$care}messageHeader"/></meta>
          <text>
            <status value="extensions"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>MessageHeader</b>: <xsl:value-of select="$header-id"/></p>
              <p><b>event</b>: care-communication-message</p>
              <p><b>destination</b>: primary, <xsl:value-of select="concat($sor-page, $receiver-sor)"/></p>
              <p><b>receiver</b>: Organization/<xsl:value-of select="$receiver-id"/></p>
              <p><b>sender</b>: Organization/<xsl:value-of select="$sender-id"/></p>
              <p><b>source</b>: <xsl:value-of select="concat($sor-page, $sender-sor)"/></p>
              <p><b>focus</b>: Communication/<xsl:value-of select="$communication-id"/></p>
            </div>
          </text>
          <eventCoding row:id="XC-event">
            <system value="{$codes}messaging-eventCodes"/>
            <code value="care-communication-message"/>
          </eventCoding>
          <destination>
            <extension url="{$medcom}messaging/StructureDefinition/medcom-messaging-destinationUseExtension"
                       row:id="XC-destination-use">
              <valueCoding>
                <system value="{$codes}messaging-destinationUse"/>
                <code value="primary"/>
              </valueCoding>
            </extension>
            <endpoint value="{$sor-page}{$receiver-sor}" row:id="XC-destination-endpoint"/>
            <receiver><reference value="Organization/{$receiver-id}"/></receiver>
          </destination>
          <sender><reference value="Organization/{$sender-id}"/></sender>
          <source><endpoint value="{$sor-page}{$sender-sor}" row:id="XC-source-endpoint"/></source>
          <focus><reference value="Communication/{$communication-id}"/></focus>
          <xsl:choose>
            <xsl:when test="$version = '5.0'" row:id="XC-definition">
              <definition value="{$medcom}messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0"/>
            </xsl:when>
            <xsl:when test="$version = '4.0'" row:id="XC-definition-4">
              <definition value="{$medcom}carecommunication/medcom-careCommunication-message-definition|4.0.0"/>
            </xsl:when>
          </xsl:choose>
        </MessageHeader>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template name="communication">
    <entry>
      <fullUrl value="{$medcom}carecommunication/Communication/{$communication-id}"/>
      <resource>
        <Communication>
          <id value="{$communication-id}"/>
          <meta><profile value="{$care}communication"/></meta>
          <text>
            <status value="extensions"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Communication</b>: <xsl:value-of select="$communication-id"/></p>
              <p><b>status</b>: unknown</p>
              <p><b>category</b>: other</p>
              <p><b>subject</b>: Patient/<xsl:value-of select="$patient-id"/></p>
              <p><b>topic</b>: <xsl:value-of select="$topic"/></p>
              <xsl:if test="$episode-of-care != ''">
                <p><b>encounter</b>: Encounter/<xsl:value-of select="$encounter-id"/></p>
              </xsl:if>
              <p><b>date</b>: <xsl:value-of select="$authorised"/></p>
              <p><b>author</b>: PractitionerRole/<xsl:value-of select="$role-id"/></p>
              <p><b>authorContact</b>: <xsl:value-of select="$telephone"/></p>
              <p style="white-space: pre-wrap"><xsl:value-of select="$content"/></p>
              <xsl:for-each select="$references">
                <p><b>date</b>: <xsl:value-of select="$authorised"/></p>
                <xsl:if test="normalize-space(o:RefDescription) != '' and (o:URL or key('object', string(o:BIN/o:ObjectIdentifier)))">
                  <p><b>title</b>: <xsl:value-of select="o:RefDescription"/></p>
                </xsl:if>
                <xsl:for-each select="o:URL">
                  <p><b>url</b>: <xsl:call-template name="address"><xsl:with-param name="rest" select="normalize-space()"/></xsl:call-template></p>
                </xsl:for-each>
                <xsl:for-each select="o:BIN"><p><b>contentType</b>: <xsl:apply-templates select=".." mode="type"/></p></xsl:for-each>
              </xsl:for-each>
            </div>
          </text>
          <xsl:if test="$version != '3.0'">
            <identifier row:id="XC-communication-id"><value value="urn:uuid:{$thread-id}"/></identifier>
          </xsl:if>
          <status value="unknown" row:id="XC-communication-status"/>
          <category row:id="XC-category">
            <coding>
              <system value="{$codes}careCommunication-categoryCodes"/>
              <code value="other"/>
            </coding>
          </category>
          <subject><reference value="Patient/{$patient-id}"/></subject>
          <topic><text value="{$topic}"/></topic>
          <xsl:if test="$episode-of-care != ''">
            <encounter><reference value="Encounter/{$encounter-id}"/></encounter>
          </xsl:if>
          <payload>
            <extension url="{$core}datetime-extension" row:id="XC-text-date">
              <valueDateTime value="{$authorised}"/>
            </extension>
            <extension url="{$core}identifier-extension">
              <valueIdentifier>
                <value value="urn:uuid:{$text-id}" row:id="XC-text-id"/>
                <assigner row:id="XC-text-assigner"><reference value="Organization/{$sender-id}"/></assigner>
              </valueIdentifier>
            </extension>
            <extension url="{$core}practitioner-extension" row:id="XC-text-author">
              <valueReference><reference value="PractitionerRole/{$role-id}"/></valueReference>
            </extension>
            <extension url="{$core}contact-extension">
              <valueContactPoint>
                <system value="phone"/>
                <value value="{$telephone}"/>
              </valueContactPoint>
            </extension>
            <contentString value="{$content}"/>
          </payload>
          <xsl:for-each select="$references">
            <xsl:apply-templates select="." mode="payload">
              <xsl:with-param name="id" select="substring($reference-ids, 36 * (position() - 1) + 1, 36)"/>
            </xsl:apply-templates>
          </xsl:for-each>
        </Communication>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template match="o:Reference[o:URL]" mode="payload">
    <xsl:param name="id"/>
    <payload>
      <extension url="{$core}datetime-extension" row:id="XC-url-date">
        <valueDateTime value="{$authorised}"/>
      </extension>
      <extension url="{$core}identifier-extension">
        <valueIdentifier>
          <value value="urn:uuid:{$id}" row:id="XC-url-id"/>
          <assigner row:id="XC-url-assigner"><reference value="Organization/{$sender-id}"/></assigner>
        </valueIdentifier>
      </extension>
      <contentAttachment>
        <url row:id="XC-url">
          <xsl:attribute name="value">
            <xsl:call-template name="address"><xsl:with-param name="rest" select="normalize-space(o:URL)"/></xsl:call-template>
          </xsl:attribute>
        </url>
        <xsl:if test="normalize-space(o:RefDescription) != ''"><title value="{o:RefDescription}" row:id="XC-url-title"/></xsl:if>
        <xsl:if test="normalize-space(o:RefDescription) = ''"><title value="Link" row:id="XC-no-url-title"/></xsl:if>
      </contentAttachment>
    </payload>
  </xsl:template>

  <!-- An attachment; of one whose object is not there, title and content are left out. -->
  <xsl:template match="o:Reference[o:BIN]" mode="payload">
    <xsl:param name="id"/>
    <xsl:variable name="object" select="key('object', string(o:BIN/o:ObjectIdentifier))"/>
    <payload>
      <extension url="{$core}datetime-extension" row:id="XC-attachment-date">
        <valueDateTime value="{$authorised}"/>
      </extension>
      <extension url="{$core}identifier-extension">
        <valueIdentifier>
          <value value="urn:uuid:{$id}" row:id="XC-attachment-id"/>
          <assigner row:id="XC-attachment-assigner"><reference value="Organization/{$sender-id}"/></assigner>
        </valueIdentifier>
      </extension>
      <contentAttachment>
        <contentType row:id="XC-attachment-type">
          <xsl:attribute name="value"><xsl:apply-templates select="." mode="type"/></xsl:attribute>
        </contentType>
        <xsl:for-each select="$object"><data value="{*[local-name() = 'Object_Base64Encoded']}" row:id="XC-attachment-content"/></xsl:for-each>
        <xsl:if test="$object and normalize-space(o:RefDescription) != ''">
          <title value="{o:RefDescription}" row:id="XC-attachment-title"/>
        </xsl:if>
        <xsl:if test="$object and normalize-space(o:RefDescription) = ''">
          <title value="Bilag" row:id="XC-no-attachment-title"/>
        </xsl:if>
      </contentAttachment>
    </payload>
  </xsl:template>

  <!-- The type by the object's own extension, which the letter's schema may not have; without the object, by the letter's. -->
  <xsl:template match="o:Reference" mode="type">
    <xsl:variable name="object" select="key('object', string(o:BIN/o:ObjectIdentifier))"/>
    <xsl:variable name="extension">
      <xsl:value-of select="$object/*[local-name() = 'ObjectExtensionCode']"/>
      <xsl:if test="not($object)"><xsl:value-of select="o:BIN/o:ObjectExtensionCode"/></xsl:if>
    </xsl:variable>
    <xsl:value-of select="substring-before(substring-after($types, concat('|', normalize-space($extension), '=')), '|')"/>
  </xsl:template>

  <!-- An address with its blanks escaped: FHIR has none in a url. -->
  <xsl:template name="address">
    <xsl:param name="rest"/>
    <xsl:choose>
      <xsl:when test="contains($rest, ' ')">
        <xsl:value-of select="concat(substring-before($rest, ' '), '%20')"/>
        <xsl:call-template name="address"><xsl:with-param name="rest" select="substring-after($rest, ' ')"/></xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$rest"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="patient">
    <entry>
      <fullUrl value="{$medcom}carecommunication/Patient/{$patient-id}"/>
      <resource>
        <Patient>
          <id value="{$patient-id}"/>
          <meta><profile value="{$core}patient"/></meta>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Patient</b>: <xsl:value-of select="$patient-id"/></p>
              <p>
                <b>identifier</b>: <xsl:value-of select="$patient/o:CivilRegistrationNumber | $patient/o:AlternativeIdentifier"/>
                <xsl:value-of select="concat(' (', $patient-system, ')')"/>
              </p>
              <p><b>family</b>: <xsl:value-of select="$patient/o:PersonSurnameName"/></p>
              <p><b>given</b>: <xsl:value-of select="$patient/o:PersonGivenName"/></p>
              <p><b>address</b>: <xsl:for-each select="$patient/o:StreetName | $patient/o:PostCodeIdentifier | $patient/o:DistrictName">
                <xsl:value-of select="concat(., ' ')"/>
              </xsl:for-each></p>
              <xsl:if test="$status-code = 'doed'"><p><b>deceased</b>: true</p></xsl:if>
            </div>
          </text>
          <identifier>
            <system value="{$patient-system}"/>
            <xsl:for-each select="$patient/o:CivilRegistrationNumber"><value value="{.}" row:id="XC-patient-cpr"/></xsl:for-each>
            <xsl:for-each select="$patient/o:AlternativeIdentifier"><value value="{.}" row:id="XC-patient-replacement"/></xsl:for-each>
          </identifier>
          <name>
            <use value="official"/>
            <xsl:if test="normalize-space($patient/o:PersonSurnameName) != ''">
              <family value="{$patient/o:PersonSurnameName}" row:id="XC-patient-family"/>
            </xsl:if>
            <xsl:if test="normalize-space($patient/o:PersonSurnameName) = ''">
              <family value="ukendt" row:id="XC-no-family"/>
            </xsl:if>
            <xsl:for-each select="$patient/o:PersonGivenName[normalize-space() != '']">
              <given value="{.}" row:id="XC-patient-given"/>
            </xsl:for-each>
          </name>
          <xsl:if test="$status-code = 'doed'" row:id="XC-deceased"><deceasedBoolean value="true"/></xsl:if>
          <xsl:if test="normalize-space(concat($patient/o:StreetName, $patient/o:DistrictName, $patient/o:PostCodeIdentifier)) != ''">
            <address>
              <xsl:for-each select="$patient/o:StreetName[normalize-space() != '']">
                <line value="{.}" row:id="XC-patient-street"/>
              </xsl:for-each>
              <xsl:for-each select="$patient/o:DistrictName[normalize-space() != '']">
                <city value="{.}" row:id="XC-patient-city"/>
              </xsl:for-each>
              <xsl:for-each select="$patient/o:PostCodeIdentifier[normalize-space() != '']">
                <postalCode value="{.}" row:id="XC-patient-post-code"/>
              </xsl:for-each>
            </address>
          </xsl:if>
        </Patient>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template name="encounter">
    <xsl:variable name="class-system">
      <xsl:choose>
        <xsl:when test="$class = 'other'"><xsl:value-of select="concat($codes, 'core-encounter-act-codes')"/></xsl:when>
        <xsl:otherwise>http://terminology.hl7.org/CodeSystem/v3-ActCode</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <entry>
      <fullUrl value="{$medcom}carecommunication/Encounter/{$encounter-id}"/>
      <resource>
        <Encounter>
          <id value="{$encounter-id}"/>
          <meta><profile value="{$core}encounter"/></meta>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Encounter</b>: <xsl:value-of select="$encounter-id"/></p>
              <p><b>status</b>: <xsl:value-of select="$status"/></p>
              <p><b>class</b>: <xsl:value-of select="$class"/></p>
              <p><b>subject</b>: Patient/<xsl:value-of select="$patient-id"/></p>
              <p><b>episodeOfCare</b>: <xsl:value-of select="$episode-of-care"/></p>
            </div>
          </text>
          <status value="{$status}" row:id="XC-episode-status"/>
          <class row:id="XC-episode-class">
            <system value="{$class-system}"/>
            <code value="{$class}"/>
          </class>
          <subject><reference value="Patient/{$patient-id}"/></subject>
          <episodeOfCare>
            <identifier>
              <system value="{$sor-page}{$sender-sor}"/>
              <value value="{$episode-of-care}"/>
            </identifier>
          </episodeOfCare>
        </Encounter>
      </resource>
    </entry>
  </xsl:template>

  <!-- One party. A number beside GLN and SOR is carried where the messaging profile knows a system for its code. -->
  <xsl:template name="organisation">
    <xsl:param name="party"/>
    <xsl:param name="id"/>
    <xsl:param name="sor"/>
    <xsl:param name="name"/>
    <xsl:variable name="number-system">
      <xsl:if test="$party/self::o:Sender" row:id="XC-sender-identifier-code">
        <xsl:call-template name="number-system"><xsl:with-param name="party" select="$party"/></xsl:call-template>
      </xsl:if>
      <xsl:if test="$party/self::o:Receiver" row:id="XC-receiver-identifier-code">
        <xsl:call-template name="number-system"><xsl:with-param name="party" select="$party"/></xsl:call-template>
      </xsl:if>
    </xsl:variable>
    <entry>
      <fullUrl value="{$medcom}carecommunication/Organization/{$id}"/>
      <resource>
        <Organization>
          <id value="{$id}"/>
          <meta><profile value="{$medcom}messaging/StructureDefinition/medcom-messaging-organization"/></meta>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Organization</b>: <xsl:value-of select="$id"/></p>
              <p><b>GLN</b>: <xsl:value-of select="$party/o:EANIdentifier"/></p>
              <p><b>SOR</b>: <xsl:value-of select="$sor"/></p>
              <xsl:if test="normalize-space($name) != ''"><p><b>name</b>: <xsl:value-of select="$name"/></p></xsl:if>
            </div>
          </text>
          <identifier>
            <system value="https://www.gs1.org/gln"/>
            <xsl:for-each select="$party/self::o:Sender"><value value="{o:EANIdentifier}" row:id="XC-sender-gln"/></xsl:for-each>
            <xsl:for-each select="$party/self::o:Receiver"><value value="{o:EANIdentifier}" row:id="XC-receiver-gln"/></xsl:for-each>
          </identifier>
          <identifier>
            <system value="urn:oid:1.2.208.176.1.1"/>
            <xsl:for-each select="$party/self::o:Sender"><value value="{$sor}" row:id="XC-sender-sor"/></xsl:for-each>
            <xsl:for-each select="$party/self::o:Receiver"><value value="{$sor}" row:id="XC-receiver-sor"/></xsl:for-each>
          </identifier>
          <xsl:if test="$number-system != ''">
            <identifier>
              <system value="{$number-system}"/>
              <xsl:for-each select="$party/self::o:Sender"><value value="{o:Identifier}" row:id="XC-sender-identifier"/></xsl:for-each>
              <xsl:for-each select="$party/self::o:Receiver"><value value="{o:Identifier}" row:id="XC-receiver-identifier"/></xsl:for-each>
            </identifier>
          </xsl:if>
          <xsl:if test="normalize-space($name) != ''"><name value="{$name}"/></xsl:if>
        </Organization>
      </resource>
    </entry>
  </xsl:template>

  <!-- The system of Identifier, by IdentifierCode: a municipality is known by its three digits (the UUID that it has in
       KOMBIT's register does not fit into the field). SOR codes and location numbers are there already; the other codes
       have no system. -->
  <xsl:template name="number-system">
    <xsl:param name="party"/>
    <xsl:variable name="number" select="string($party/o:Identifier)"/>
    <xsl:choose>
      <xsl:when test="normalize-space($number) = ''"/>
      <xsl:when test="$party/o:IdentifierCode = 'ydernummer'">urn:oid:1.2.208.176.1.4</xsl:when>
      <xsl:when test="$party/o:IdentifierCode != 'kommunenummer'"/>
      <xsl:when test="translate($number, '123456789', '000000000') = '000'">http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes</xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="role">
    <entry>
      <fullUrl value="{$medcom}carecommunication/PractitionerRole/{$role-id}"/>
      <resource>
        <PractitionerRole>
          <id value="{$role-id}"/>
          <meta><profile value="{$core}practitionerrole"/></meta>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>PractitionerRole</b>: <xsl:value-of select="$role-id"/></p>
              <p><b>practitioner</b>: Practitioner/<xsl:value-of select="$practitioner-id"/></p>
              <p><b>organization</b>: Organization/<xsl:value-of select="$sender-id"/></p>
              <p><b>code</b>: <xsl:if test="$version = '5.0'">ukendt</xsl:if><xsl:if test="$version != '5.0'">NAVU</xsl:if></p>
            </div>
          </text>
          <practitioner><reference value="Practitioner/{$practitioner-id}"/></practitioner>
          <organization><reference value="Organization/{$sender-id}"/></organization>
          <xsl:choose>
            <xsl:when test="$version = '5.0'">
              <code row:id="XC-author-role"><text value="ukendt"/></code>
            </xsl:when>
            <!-- A role in words came with 5.0; before, it is a code, and no document says which one where nobody knows
                 the role. NAVU, of the value set's null flavours, is our choice. -->
            <xsl:otherwise>
              <code row:id="XC-author-role-code">
                <coding>
                  <system value="http://terminology.hl7.org/CodeSystem/v3-NullFlavor"/>
                  <code value="NAVU"/>
                </coding>
              </code>
            </xsl:otherwise>
          </xsl:choose>
        </PractitionerRole>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template name="practitioner">
    <entry>
      <fullUrl value="{$medcom}carecommunication/Practitioner/{$practitioner-id}"/>
      <resource>
        <Practitioner>
          <id value="{$practitioner-id}"/>
          <meta><profile value="{$core}practitioner"/></meta>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Practitioner</b>: <xsl:value-of select="$practitioner-id"/></p>
              <p><b>name</b>: <xsl:value-of select="$sender-name"/></p>
            </div>
          </text>
          <name row:id="XC-author-name"><text value="{$sender-name}"/></name>
        </Practitioner>
      </resource>
    </entry>
  </xsl:template>

  <xsl:template name="provenance">
    <entry>
      <fullUrl value="{$medcom}carecommunication/Provenance/{$provenance-id}"/>
      <resource>
        <Provenance>
          <id value="{$provenance-id}"/>
          <xsl:choose>
            <!-- A profile of its own came with 4.0. -->
            <xsl:when test="$version = '3.0'">
              <meta><profile value="{$medcom}messaging/StructureDefinition/medcom-messaging-provenance" row:id="XC-provenance-profile-3"/></meta>
            </xsl:when>
            <xsl:otherwise>
              <meta><profile value="{$care}provenance"/></meta>
            </xsl:otherwise>
          </xsl:choose>
          <text>
            <status value="generated"/>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><b>Provenance</b>: <xsl:value-of select="$provenance-id"/></p>
              <p><b>target</b>: MessageHeader/<xsl:value-of select="$header-id"/></p>
              <p><b>occurred</b>: <xsl:value-of select="$sent"/></p>
              <p><b>activity</b>: new-message</p>
              <p><b>agent</b>: Organization/<xsl:value-of select="$sender-id"/></p>
              <xsl:if test="$version != '3.0'">
                <p><b>source</b>: urn:uuid:<xsl:value-of select="$text-id"/></p>
                <xsl:for-each select="$references">
                  <p><b>source</b>: urn:uuid:<xsl:value-of select="substring($reference-ids, 36 * (position() - 1) + 1, 36)"/></p>
                </xsl:for-each>
              </xsl:if>
            </div>
          </text>
          <target row:id="XC-provenance-target"><reference value="MessageHeader/{$header-id}"/></target>
          <occurredDateTime value="{$sent}" row:id="XC-occurred"/>
          <recorded value="{$sent}" row:id="XC-recorded"/>
          <activity row:id="XC-activity">
            <coding>
              <system value="{$codes}messaging-activityCodes"/>
              <code value="new-message"/>
            </coding>
          </activity>
          <agent row:id="XC-provenance-agent">
            <who><reference value="Organization/{$sender-id}"/></who>
          </agent>
          <!-- What a message adds stands in its Provenance since 4.0. -->
          <xsl:if test="$version != '3.0'">
            <entity row:id="XC-provenance-payload">
              <role value="source"/>
              <what><identifier><value value="urn:uuid:{$text-id}"/></identifier></what>
            </entity>
            <xsl:for-each select="$references">
              <xsl:variable name="id" select="substring($reference-ids, 36 * (position() - 1) + 1, 36)"/>
              <xsl:if test="o:URL" row:id="XC-provenance-url">
                <entity>
                  <role value="source"/>
                  <what><identifier><value value="urn:uuid:{$id}"/></identifier></what>
                </entity>
              </xsl:if>
              <xsl:if test="o:BIN" row:id="XC-provenance-attachment">
                <entity>
                  <role value="source"/>
                  <what><identifier><value value="urn:uuid:{$id}"/></identifier></what>
                </entity>
              </xsl:if>
            </xsl:for-each>
          </xsl:if>
        </Provenance>
      </resource>
    </entry>
  </xsl:template>
</xsl:stylesheet>

"""Routes of the confirmation of an e-mail address."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from app.auth.dependencies import AuthLimitsDep, AuthServiceDep, PrincipalDep, WriterDep
from app.confirmation.schemas import ConfirmationRead, ConfirmationToken
from app.confirmation.service import ConfirmationService
from app.dependencies import SessionDep, SettingsDep

router = APIRouter(prefix="/auth/confirmation", tags=["auth"])


async def _get_service(session: SessionDep, settings: SettingsDep) -> ConfirmationService:
    return ConfirmationService(session, settings)


ServiceDep = Annotated[ConfirmationService, Depends(_get_service)]


@router.get("")
async def read_confirmation(principal: PrincipalDep, service: ServiceDep) -> ConfirmationRead:
    """How it stands with the user's e-mail address."""
    return await service.state(principal.user_id)


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def request_confirmation(
    principal: WriterDep, service: ServiceDep, accounts: AuthServiceDep, limits: AuthLimitsDep
) -> ConfirmationRead:
    """Have the link sent again, if the address is not confirmed."""
    await limits.by_letters(principal.user_id)
    await service.request(await accounts.account(principal.user_id))
    return await service.state(principal.user_id)


@router.put("", status_code=status.HTTP_204_NO_CONTENT)
async def confirm_email(request: ConfirmationToken, service: ServiceDep, limits: AuthLimitsDep) -> None:
    """Confirm an address by the token of the link that was mailed to it."""
    await limits.by_address("confirmation")
    await service.confirm(request.token)
